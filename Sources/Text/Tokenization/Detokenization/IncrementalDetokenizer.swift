/// Text of a token stream, piece by piece as far as it is final.
///
/// The pieces' concatenation is the text of the whole; no piece ends inside a UTF-8 sequence, and U+FFFD stands only
/// for bytes that can no longer become a character.
public struct IncrementalDetokenizer: Sendable {
    private var stream: any TokenTextStream

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
        stream = tokenizer.textStream(skipSpecialTokens: skipSpecialTokens, isAtStart: precedingTokens.isEmpty)
    }

    /// Takes the next token and returns the text that is final with it, possibly none.
    public mutating func append(_ id: TokenID) -> String { stream.append(id) }

    /// Ends the stream: bytes held back that never became a character are returned as U+FFFD.
    public mutating func finish() -> String { stream.finish() }
}
