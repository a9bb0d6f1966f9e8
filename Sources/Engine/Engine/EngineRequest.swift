public import GuidedDecoding
public import Models
public import RequestParameters

/// One request to the engine: token ids in, token ids out.
public struct EngineRequest: Sendable {
    /// The prompt's token ids; at least one.
    public var promptTokens: [Int32]
    /// Most tokens to generate per choice; with 0 the prompt is computed and reported, and nothing is generated.
    public var maxTokens: Int
    /// Whether the client gave that limit.
    ///
    /// Then room for all of it is set aside and the request is never paused; otherwise as much is set aside as such
    /// requests have needed.
    public var hasExplicitLimit = true
    /// The client's request that this is a part of, `nil` when it is the only part.
    ///
    /// All parts take turns as one.
    public var group: UInt64?
    /// With whom it shares prefixes in the KV cache; `nil` with all that name none.
    public var namespace: PrefixNamespace?
    /// What is added to the model's products, for this request alone.
    public var adapter: Adapter?
    /// Number of continuations of the prompt to generate (the prompt is computed once).
    public var choiceCount: Int = 1
    /// How tokens are chosen.
    public var sampling = SamplingParameters()
    /// How to look for the most probable continuations, instead of drawing them; the best `choiceCount` are told at the end.
    public var beams: BeamSearchParameters?
    /// What the output has to obey; every choice has a matcher of its own.
    public var constraint: (any TokenConstraint)?
    /// Whether tokens that the constraint leaves no choice of are appended together; the same tokens come of it either way.
    public var appendsForcedTokens = true
    /// A token that ends its choice; it is reported as the last token of the choice.
    public var stopTokens: Set<Int32> = []
    /// End-of-sequence tokens, which also end a choice; empty to ignore them.
    public var endTokens: Set<Int32> = []
    /// No stop or end token may be chosen before this many tokens.
    public var minTokens: Int = 0
    /// Report log-probabilities with this many alternatives (0: the chosen token only); `nil` for none.
    public var logProbabilities: Int?
    /// Report the log-probabilities of the prompt's tokens with this many alternatives; `nil` for none.
    public var promptLogProbabilities: Int?
    /// Report the logits of all prompt positions.
    public var returnContextLogits = false
    /// Report the mean of the hidden states at these prompt positions, an embedding; the request then generates nothing
    /// and reports nothing else.
    public var pooledPositions: Range<Int>?

    /// A request with defaults for all but the prompt and the limit.
    public init(promptTokens: [Int32], maxTokens: Int) {
        self.promptTokens = promptTokens
        self.maxTokens = maxTokens
    }

    /// How many sequences it takes: beams, or choices.
    var sequenceCount: Int { beams?.width ?? choiceCount }

    /// Where its prefixes are: what an adapter computes is of no use to others.
    var prefixNamespace: PrefixNamespace? {
        guard let adapter else { return namespace }
        return PrefixNamespace(salt: namespace?.salt, adapter: adapter.id)
    }

    /// A request for the mean of the hidden states at some positions of a prompt.
    public init(promptTokens: [Int32], pooledPositions: Range<Int>) {
        self.init(promptTokens: promptTokens, maxTokens: 0)
        self.pooledPositions = pooledPositions
    }
}
