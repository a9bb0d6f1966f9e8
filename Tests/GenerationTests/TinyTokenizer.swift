import Generation
import Tokenization

/// A SentencePiece vocabulary small enough to write down: control tokens, every byte, a few words.
enum TinyTokenizer {
    static let unknown: TokenID = 0
    static let bos: TokenID = 1
    static let eos: TokenID = 2
    static let turn: TokenID = 3
    private static let words = [
        "\u{2581}", "one", "two", "three", "st", "op", "x", "\u{2581}one", "\u{2581}two", "\u{2581}stop", "日本",
        "on", "tw",
    ]
    private static let firstByte: TokenID = 4
    private static let firstWord: TokenID = 4 + 256

    /// The tokenizer; `addBOS` says whether texts begin with BOS.
    static func make(addBOS: Bool = true, infill: Bool = false) throws -> Tokenizer {
        let control = ["<unk>", "<s>", "</s>", "<|turn|>"]
        let bytes = (0..<256).map { value in
            let hex = String(value, radix: 16, uppercase: true)
            return "<0x\(hex.count == 1 ? "0" : "")\(hex)>"
        }
        let marks = infill ? ["<fim_prefix>", "<fim_suffix>", "<fim_middle>"] : []
        return try Tokenizer(
            TokenizerDescription(
                model: .sentencePieceBPE,
                pieces: (control + bytes + words + marks).map { Array($0.utf8) },
                scores: (control + bytes).map { _ in 0 } + words.indices.map { Float(-$0) } + marks.map { _ in 0 },
                kinds: [.unknown, .control, .control, .control] + bytes.map { _ in .byte } + words.map { _ in .normal }
                    + marks.map { _ in .control },
                bos: bos,
                eos: eos,
                unknown: unknown,
                addBOS: addBOS,
                addSpacePrefix: false,
            )
        )
    }

    /// The token of a word.
    static func word(_ text: String) -> TokenID {
        firstWord + TokenID(words.firstIndex(of: text) ?? -1000)
    }

    /// The tokens that mark a gap, where there are some.
    static var infillTokens: [TokenID] { (0..<3).map { firstWord + TokenID(words.count) + $0 } }

    /// The tokens of single bytes.
    static func bytes(_ text: String) -> [TokenID] { text.utf8.map { firstByte + TokenID($0) } }
}
