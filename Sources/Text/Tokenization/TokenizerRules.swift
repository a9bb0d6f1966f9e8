/// What a tokenizer does, by the rules of one library or another.
///
/// Immutable, so that any number of threads may use it.
protocol TokenizerRules: Sendable {
    var vocabularySize: Int { get }
    var bos: TokenID? { get }
    var eos: TokenID? { get }
    var padding: TokenID? { get }
    var unknown: TokenID? { get }
    var addsBOS: Bool { get }
    var addsEOS: Bool { get }
    var endOfGeneration: Set<TokenID> { get }
    /// As `Tokenizer` has it.
    var longestTokenBytes: Int? { get }

    /// Appends the ids of a text; those of its beginning only when it is to stop.
    func encode(
        _ text: [UInt8],
        addSpecialTokens: Bool,
        parseSpecialTokens: Bool,
        plainRanges: [Range<Int>],
        into output: inout [TokenID],
        _ poll: inout CancellationPoll,
    )

    /// The text of ids, from the start of a text.
    func decode(_ ids: [TokenID], skipSpecialTokens: Bool) -> String

    /// What turns ids into text one after the other.
    func textStream(skipSpecialTokens: Bool, isAtStart: Bool) -> any TokenTextStream

    /// The bytes that a token contributes to a text behind others; empty for ids beyond the vocabulary.
    func bytes(of id: TokenID, skipSpecialTokens: Bool) -> [UInt8]

    /// Whether an id below the vocabulary's size is a control token or the unknown token.
    func isSpecial(_ id: TokenID) -> Bool

    /// The piece of an id, as it is stored; `nil` for none.
    func piece(of id: TokenID) -> [UInt8]?

    /// The id of a piece, written as stored; `nil` for none.
    func id(ofPiece piece: [UInt8]) -> TokenID?
}

/// Turns ids into text, as far as it is final.
protocol TokenTextStream: Sendable {
    /// Takes the next token and returns the text that is final with it, possibly none.
    mutating func append(_ id: TokenID) -> String
    /// Ends the stream with what was held back.
    mutating func finish() -> String
}
