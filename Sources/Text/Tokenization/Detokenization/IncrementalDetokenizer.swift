/// Text of a token stream, piece by piece as far as it is final.
///
/// The pieces' concatenation is the text of the whole; no piece ends inside a UTF-8 sequence, and U+FFFD stands only
/// for bytes that can no longer become a character.
public struct IncrementalDetokenizer: Sendable {
    private let tokenizer: Tokenizer
    private let skipSpecialTokens: Bool
    /// Bytes that have begun a character, at most three between calls.
    private var held: [UInt8] = []
    /// Whether the next byte is the first of a whole text.
    private var isAtStart: Bool

    /// Starts a stream.
    ///
    /// - Parameters:
    ///   - tokenizer: Whose tokens they are.
    ///   - skipSpecialTokens: Whether control tokens contribute nothing.
    ///   - spacesBetweenSpecialTokens: Accepted for the API's sake; only the reference's slow tokenizers heed it.
    ///   - precedingTokens: The prompt. After any prompt the first token keeps SentencePiece's leading space; with an
    ///     empty one it is the start of a text and loses it.
    public init(
        tokenizer: Tokenizer,
        skipSpecialTokens: Bool,
        spacesBetweenSpecialTokens: Bool = true,
        precedingTokens: [TokenID] = [],
    ) {
        self.tokenizer = tokenizer
        self.skipSpecialTokens = skipSpecialTokens
        isAtStart = tokenizer.addsSpacePrefix && precedingTokens.isEmpty
    }

    /// Takes the next token and returns the text that is final with it, possibly none.
    public mutating func append(_ id: TokenID) -> String {
        let bytes = tokenizer.bytes(of: id, skipSpecialTokens: skipSpecialTokens)
        if bytes.isEmpty { return "" }
        held.append(contentsOf: isAtStart && bytes[0] == 0x20 ? bytes[1...] : bytes[...])
        isAtStart = false
        let final = held.count - UTF8Tail.incompleteLength(held)
        let text = String(decoding: held[..<final], as: UTF8.self)
        held.removeFirst(final)
        return text
    }

    /// Ends the stream: bytes held back that never became a character are returned as U+FFFD.
    public mutating func finish() -> String {
        let text = String(decoding: held, as: UTF8.self)
        held.removeAll()
        return text
    }
}
