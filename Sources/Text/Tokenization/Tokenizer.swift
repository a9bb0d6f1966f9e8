/// Text to token ids and back, with the results of the library that a model's files were made for: llama.cpp's for GGUF,
/// the `tokenizers` library's, SentencePiece's or tiktoken's for others.
///
/// Immutable after construction; `encode` and `decode` may run on any number of threads at once. Copies share their
/// tables.
public struct Tokenizer: Sendable {
    private let rules: any TokenizerRules

    /// The number of pieces; ids run from 0 to one less.
    public var vocabularySize: Int { rules.vocabularySize }
    /// The begin-of-sequence token.
    public var bosToken: TokenID? { rules.bos }
    /// The end-of-sequence token.
    public var eosToken: TokenID? { rules.eos }
    /// The token that fills up short rows.
    public var paddingToken: TokenID? { rules.padding }
    /// The token for text that nothing else covers.
    public var unknownToken: TokenID? { rules.unknown }
    /// Whether `encode` with special tokens starts with `bosToken`.
    public var addsBOS: Bool { rules.addsBOS }
    /// Whether `encode` with special tokens ends with `eosToken`.
    public var addsEOS: Bool { rules.addsEOS }
    /// The tokens after which a model has said all: end of sequence, of turn, of message.
    ///
    /// A model's other files may name more.
    public var endOfGenerationTokens: Set<TokenID>

    /// Checks a description and builds lookup tables from it.
    ///
    /// - Throws: `TokenizerError` naming the field, value and limit of whatever in the description is contradictory.
    public init(_ description: TokenizerDescription) throws(TokenizerError) {
        self.init(try TokenizerCore(description))
    }

    init(_ rules: any TokenizerRules) {
        self.rules = rules
        endOfGenerationTokens = rules.endOfGeneration
    }

    /// Most bytes of a UTF-8 text that one token stands for, so that a text of n bytes has at least n / this many tokens.
    ///
    /// `nil` when there is no such bound: rules that drop or squeeze text, or bytes that no token stands for.
    public var longestTokenBytes: Int? { rules.longestTokenBytes }

    /// The ids of a text given as bytes, which needn't be valid UTF-8: byte-level BPE sees U+FFFD for each wrong byte,
    /// SentencePiece BPE keeps the bytes.
    ///
    /// Takes O(n log n) at most, whatever the text, and some eighty bytes of memory for each of its bytes.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - addSpecialTokens: Whether to add BOS and EOS where the model wants them.
    ///   - parseSpecialTokens: Whether the names of control tokens in the text become those tokens; if not they are
    ///     plain text. User-defined tokens are always found.
    ///   - plainRanges: Byte ranges, ascending and disjoint, that no control token may touch even so: what users typed
    ///     into a prompt whose other parts are trusted.
    public func encode(
        _ text: [UInt8],
        addSpecialTokens: Bool,
        parseSpecialTokens: Bool,
        plainRanges: [Range<Int>] = [],
    ) -> [TokenID] {
        encode(
            text,
            addSpecialTokens: addSpecialTokens,
            parseSpecialTokens: parseSpecialTokens,
            plainRanges: plainRanges,
            isCancelled: { false },
        ) ?? []
    }

    /// The ids of a text, as long as anybody wants them.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - addSpecialTokens: As above.
    ///   - parseSpecialTokens: As above.
    ///   - plainRanges: As above.
    ///   - isCancelled: Asked every few milliseconds.
    /// - Returns: `nil` once `isCancelled` has said so.
    public func encode(
        _ text: [UInt8],
        addSpecialTokens: Bool,
        parseSpecialTokens: Bool,
        plainRanges: [Range<Int>] = [],
        isCancelled: @escaping () -> Bool,
    ) -> [TokenID]? {
        var poll = CancellationPoll(isCancelled)
        var output: [TokenID] = []
        output.reserveCapacity(text.count / 3 + 2)
        rules.encode(
            text,
            addSpecialTokens: addSpecialTokens,
            parseSpecialTokens: parseSpecialTokens,
            plainRanges: plainRanges,
            into: &output,
            &poll,
        )
        if poll.isRaised { return nil }
        return output
    }

    /// The ids of a text.
    public func encode(_ text: String, addSpecialTokens: Bool, parseSpecialTokens: Bool) -> [TokenID] {
        encode(Array(text.utf8), addSpecialTokens: addSpecialTokens, parseSpecialTokens: parseSpecialTokens)
    }

    /// The text of ids, from the start of a text.
    ///
    /// SentencePiece's added space isn't there. Bytes that aren't UTF-8 become U+FFFD; ids beyond the vocabulary
    /// contribute nothing.
    public func decode(_ ids: [TokenID], skipSpecialTokens: Bool) -> String {
        rules.decode(ids, skipSpecialTokens: skipSpecialTokens)
    }

    /// What turns ids into text one after the other; `isAtStart` says that the first is that of a whole text.
    func textStream(skipSpecialTokens: Bool, isAtStart: Bool) -> any TokenTextStream {
        rules.textStream(skipSpecialTokens: skipSpecialTokens, isAtStart: isAtStart)
    }

    /// The raw bytes that a token contributes to a text, with SentencePiece's leading space; empty for special tokens
    /// when they are skipped and for ids beyond the vocabulary.
    public func bytes(of id: TokenID, skipSpecialTokens: Bool) -> [UInt8] {
        rules.bytes(of: id, skipSpecialTokens: skipSpecialTokens)
    }

    /// Whether an id is a control token or the unknown token.
    public func isSpecial(_ id: TokenID) -> Bool {
        id >= 0 && Int(id) < vocabularySize && rules.isSpecial(id)
    }

    /// The piece as stored in the vocabulary; `nil` for ids beyond it.
    public func piece(of id: TokenID) -> [UInt8]? { rules.piece(of: id) }

    /// The id of a piece, written as stored in the vocabulary.
    public func id(ofPiece piece: [UInt8]) -> TokenID? { rules.id(ofPiece: piece) }
}
