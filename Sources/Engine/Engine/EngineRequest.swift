/// How to choose tokens for one request.
public struct SamplingParameters: Sendable, Hashable {
    /// Divides the logits; 0 takes the most probable token.
    public var temperature: Float = 1
    /// Keep only this many most probable tokens; 0 keeps all.
    public var topK: Int = 0
    /// Keep the most probable tokens up to this total probability.
    public var topP: Float = 1
    /// Lower bound on the decayed top-p; 0 is unset.
    public var topPMin: Float = 0
    /// Keep tokens at least this probable, relative to the most probable.
    public var minP: Float = 0
    /// Divides (positive) or multiplies (negative) logits of tokens in prompt and output; 1 is none.
    public var repetitionPenalty: Float = 1
    /// Subtracted once from logits of tokens in the output.
    public var presencePenalty: Float = 0
    /// Subtracted from logits of tokens in the output as often as they occur.
    public var frequencyPenalty: Float = 0
    /// Added to the logits of single tokens.
    public var logitBias: [Int32: Float] = [:]
    /// Key of the request's random numbers; a choice's generator is keyed by seed, choice and position.
    public var seed: UInt64 = 0

    /// The defaults: plain sampling at temperature 1.
    public init() {}
}

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
    /// Number of continuations of the prompt to generate (the prompt is computed once).
    public var choiceCount: Int = 1
    /// How tokens are chosen.
    public var sampling = SamplingParameters()
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

    /// A request for the mean of the hidden states at some positions of a prompt.
    public init(promptTokens: [Int32], pooledPositions: Range<Int>) {
        self.init(promptTokens: promptTokens, maxTokens: 0)
        self.pooledPositions = pooledPositions
    }
}
