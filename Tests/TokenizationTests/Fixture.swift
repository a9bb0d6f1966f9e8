import Foundation
import OrderedJSON
import Tokenization

/// The fixtures of `Tests/Fixtures/tokenization`, and small vocabularies made by hand.
enum Fixture {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/tokenization")

    static func read(_ name: String) throws -> JSONValue {
        try JSONParser.parse([UInt8](try Data(contentsOf: folder.appending(path: name))))
    }

    /// A byte-level vocabulary: the 256 bytes, merges' results in order, then `special` with their kinds.
    static func byteLevel(
        merges: [String] = [],
        special: [(String, TokenKind)] = [],
        preTokenizer: String = "gpt-2",
    ) -> TokenizerDescription {
        var pieces = alphabet
        for merge in merges { pieces.append(Array(merge.utf8.filter { $0 != 0x20 })) }
        var kinds = [TokenKind](repeating: .normal, count: pieces.count)
        // There must be some merge; this one is of two control characters.
        let unused = "\u{100} \u{101}"
        if merges.isEmpty {
            pieces.append(Array("\u{100}\u{101}".utf8))
            kinds.append(.normal)
        }
        for (text, kind) in special {
            pieces.append(Array(text.utf8))
            kinds.append(kind)
        }
        return TokenizerDescription(
            model: .byteLevelBPE,
            pieces: pieces,
            kinds: kinds,
            merges: (merges.isEmpty ? [unused] : merges).map { Array($0.utf8) },
            preTokenizer: preTokenizer,
        )
    }

    /// GPT-2's character of each byte.
    static let alphabet: [[UInt8]] = {
        var next: UInt32 = 0x100
        return (0..<256).map { byte in
            var scalar = UInt32(byte)
            let isPrintable = (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || byte >= 0xAE
            if !isPrintable {
                scalar = next
                next += 1
            }
            return Array(String(Unicode.Scalar(scalar).map(Character.init) ?? "?").utf8)
        }
    }()

    /// A SentencePiece vocabulary: unknown, BOS, EOS, all byte tokens, then the given pieces.
    static func sentencePiece(
        _ pieces: [(String, Float)],
        userDefined: [String] = [],
        model: TokenizerModel = .sentencePieceBPE,
        addSpacePrefix: Bool? = nil,
    ) -> TokenizerDescription {
        var texts = [Array("<unk>".utf8), Array("<s>".utf8), Array("</s>".utf8)]
        var kinds: [TokenKind] = [.unknown, .control, .control]
        var scores: [Float] = [0, 0, 0]
        for byte in 0..<256 {
            let digits = String(byte, radix: 16, uppercase: true)
            texts.append(Array("<0x\(digits.count == 1 ? "0" : "")\(digits)>".utf8))
            kinds.append(.byte)
            scores.append(0)
        }
        for (piece, score) in pieces {
            texts.append(Array(piece.utf8))
            kinds.append(.normal)
            scores.append(score)
        }
        for piece in userDefined {
            texts.append(Array(piece.utf8))
            kinds.append(.userDefined)
            scores.append(0)
        }
        return TokenizerDescription(
            model: model,
            pieces: texts,
            scores: scores,
            kinds: kinds,
            bos: 1,
            eos: 2,
            unknown: 0,
            addSpacePrefix: addSpacePrefix,
        )
    }
}

extension JSONValue {
    func member(_ key: String) -> JSONValue { self[key] ?? .null }

    var elements: [JSONValue] {
        if case .array(let elements) = self { return elements }
        return []
    }

    var text: String {
        if case .string(let text) = self { return text }
        return ""
    }

    var whole: Int {
        if case .integer(let value) = self { return value }
        return -1
    }

    var real: Double {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: .nan
        }
    }

    var wholes: [Int] { elements.map(\.whole) }
    var ids: [TokenID] { wholes.map(TokenID.init) }
    var textBytes: [UInt8] { Array(text.utf8) }
}

/// A repeatable stream of numbers (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
