internal import ArgumentParser
internal import Foundation

/// A file of token ids, 4 bytes each, lowest byte first.
enum TokenFile {
    /// The ids, checked: at least `least` of them, and all in the vocabulary.
    ///
    /// - Throws: `ValidationError` that says what is wrong, or what Foundation throws.
    static func tokens(_ path: String, vocabularySize: Int, least: Int = 1) throws -> [Int32] {
        let bytes = try Data(contentsOf: URL(filePath: path))
        let tokens = bytes.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map {
                Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self))
            }
        }
        if let bad = tokens.first(where: { $0 < 0 || $0 >= vocabularySize }) {
            throw ValidationError("--token_ids holds \(bad), but the vocabulary has \(vocabularySize) entries")
        }
        guard tokens.count >= least, tokens.count <= OptionRange.tokens.upperBound else {
            throw ValidationError(
                "--token_ids holds \(tokens.count) tokens, but must hold \(least) to \(OptionRange.tokens.upperBound)"
            )
        }
        return tokens
    }
}
