/// All that a tokenizer is built from, as plain values; reading them from a file is someone else's work.
///
/// Every `nil` stands for "the file doesn't say" and gets the default that llama.cpp uses for the model.
public struct TokenizerDescription: Sendable {
    /// The algorithm.
    public var model: TokenizerModel
    /// The pieces by token id, as stored in GGUF: byte-level BPE pieces in GPT-2's byte-to-unicode alphabet,
    /// SentencePiece pieces with U+2581 for spaces.
    public var pieces: [[UInt8]]
    /// One score per piece, or empty when there are none.
    public var scores: [Float]
    /// One kind per piece, or empty when every piece is normal.
    public var kinds: [TokenKind]
    /// The merges of byte-level BPE in order of rank, each "left right".
    public var merges: [[UInt8]]
    /// The name of the pre-tokenizer (`tokenizer.ggml.pre`); empty means "default".
    public var preTokenizer: String
    /// The begin-of-sequence token.
    public var bos: TokenID?
    /// The end-of-sequence token.
    public var eos: TokenID?
    /// The end-of-turn token.
    public var eot: TokenID?
    /// The end-of-message token.
    public var eom: TokenID?
    /// The token for text that nothing else covers.
    public var unknown: TokenID?
    /// The token that fills up short rows of a batch.
    public var padding: TokenID?
    /// The fill-in-the-middle tokens, of which some end a generation.
    public var fillInMiddle: FillInMiddleTokens
    /// Whether `encode` puts the begin-of-sequence token first when asked for special tokens.
    public var addBOS: Bool?
    /// Whether `encode` puts the end-of-sequence token last when asked for special tokens.
    public var addEOS: Bool?
    /// Whether SentencePiece text gets a space in front.
    public var addSpacePrefix: Bool?
    /// Whether unigram normalization squeezes runs of spaces.
    public var removeExtraWhitespaces: Bool?
    /// SentencePiece's compiled normalization rules (`tokenizer.ggml.precompiled_charsmap`), or empty.
    public var precompiledCharsmap: [UInt8]
    /// The model's name (`general.name`): Phi-3's special tokens swallow the white space after them, and the files
    /// say so nowhere else.
    public var modelName: String

    /// Describes a tokenizer; what isn't given is "the file doesn't say".
    public init(
        model: TokenizerModel,
        pieces: [[UInt8]],
        scores: [Float] = [],
        kinds: [TokenKind] = [],
        merges: [[UInt8]] = [],
        preTokenizer: String = "",
        bos: TokenID? = nil,
        eos: TokenID? = nil,
        eot: TokenID? = nil,
        eom: TokenID? = nil,
        unknown: TokenID? = nil,
        padding: TokenID? = nil,
        fillInMiddle: FillInMiddleTokens = FillInMiddleTokens(),
        addBOS: Bool? = nil,
        addEOS: Bool? = nil,
        addSpacePrefix: Bool? = nil,
        removeExtraWhitespaces: Bool? = nil,
        precompiledCharsmap: [UInt8] = [],
        modelName: String = "",
    ) {
        self.model = model
        self.pieces = pieces
        self.scores = scores
        self.kinds = kinds
        self.merges = merges
        self.preTokenizer = preTokenizer
        self.bos = bos
        self.eos = eos
        self.eot = eot
        self.eom = eom
        self.unknown = unknown
        self.padding = padding
        self.fillInMiddle = fillInMiddle
        self.addBOS = addBOS
        self.addEOS = addEOS
        self.addSpacePrefix = addSpacePrefix
        self.removeExtraWhitespaces = removeExtraWhitespaces
        self.precompiledCharsmap = precompiledCharsmap
        self.modelName = modelName
    }
}

/// The fill-in-the-middle tokens a file may name (`tokenizer.ggml.fim_*_token_id`).
public struct FillInMiddleTokens: Sendable {
    /// Before the code in front of the gap.
    public var prefix: TokenID?
    /// Before the code behind the gap.
    public var suffix: TokenID?
    /// Where the gap's code is to follow.
    public var middle: TokenID?
    /// Fills an empty gap.
    public var padding: TokenID?
    /// Before a repository's name.
    public var repository: TokenID?
    /// Between files.
    public var separator: TokenID?

    /// Names the tokens; `nil` for those the file doesn't name.
    public init(
        prefix: TokenID? = nil,
        suffix: TokenID? = nil,
        middle: TokenID? = nil,
        padding: TokenID? = nil,
        repository: TokenID? = nil,
        separator: TokenID? = nil,
    ) {
        self.prefix = prefix
        self.suffix = suffix
        self.middle = middle
        self.padding = padding
        self.repository = repository
        self.separator = separator
    }
}
