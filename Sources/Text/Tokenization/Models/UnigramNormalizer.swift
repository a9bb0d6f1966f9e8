/// SentencePiece's text normalization: compiled replacement rules, then spaces squeezed, prefixed and marked.
struct UnigramNormalizer: Sendable {
    let charsmap: CompiledCharsmap
    let addsSpacePrefix: Bool
    let removesExtraWhitespaces: Bool
    /// User-defined pieces, whose text is left as it is.
    private let kept: ByteTrie

    init(
        charsmap: CompiledCharsmap,
        addsSpacePrefix: Bool,
        removesExtraWhitespaces: Bool,
        _ table: PieceTable,
        _ attributes: [TokenAttributes],
    ) {
        self.charsmap = charsmap
        self.addsSpacePrefix = addsSpacePrefix
        self.removesExtraWhitespaces = removesExtraWhitespaces
        var kept = ByteTrie()
        for (id, attribute) in attributes.enumerated() where attribute.contains(.userDefined) {
            kept.insert(table.runs[id], value: TokenID(id))
        }
        self.kept = kept
    }

    /// The normalized text, with U+2581 for spaces.
    func normalize(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count * 2)
        var hasPrefix = false
        var isInsideWord = false
        func put(_ byte: UInt8) {
            if byte == 0x20 {
                isInsideWord = false
                if !removesExtraWhitespaces { output.append(contentsOf: SpaceMark.bytes) }
                return
            }
            if !isInsideWord {
                isInsideWord = true
                if (addsSpacePrefix && !hasPrefix) || removesExtraWhitespaces {
                    output.append(contentsOf: SpaceMark.bytes)
                    hasPrefix = true
                }
            }
            output.append(byte)
        }
        var index = 0
        while index < text.count {
            let untouched = keptLength(text, index)
            if untouched > 0 {
                for offset in 0..<untouched { put(text[index + offset]) }
                index += untouched
            } else if let (replacement, length) = charsmap.longestMatch(text, at: index) {
                for byte in replacement { put(byte) }
                index += length
            } else {
                let (scalar, length) = LenientUTF8.decode(text, at: index)
                if length == 1, scalar == 0xFFFD {
                    for byte: UInt8 in [0xEF, 0xBF, 0xBD] { put(byte) }
                } else {
                    for offset in 0..<length { put(text[index + offset]) }
                }
                index += length
            }
        }
        return output
    }

    /// How far the text follows some user-defined piece; part of one is enough, as in llama.cpp.
    private func keptLength(_ text: UnsafeBufferPointer<UInt8>, _ from: Int) -> Int {
        if kept.isEmpty { return 0 }
        var node = kept.root(text[from])
        var end = from
        while node >= 0 {
            end += 1
            if end == text.count { break }
            node = kept.child(of: node, text[end])
        }
        return end - from
    }
}
