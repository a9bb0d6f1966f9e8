/// What a model's makers set for generation; `nil` where they say nothing.
public struct GenerationDefaults: Sendable, Hashable {
    /// Tokens that end a generation, besides those that the tokenizer knows of.
    public var endOfSequence: [Int32] = []
    /// Whether tokens are drawn rather than the likeliest taken.
    public var samples: Bool?
    /// Divides the logits.
    public var temperature: Double?
    /// So many of the likeliest tokens stay.
    public var topK: Int?
    /// The likeliest tokens stay that together have this probability.
    public var topP: Double?
    /// Tokens stay whose probability is this share of the likeliest one's.
    public var minP: Double?
    /// Divides the logits of tokens that were there.
    public var repetitionPenalty: Double?

    /// Nothing set.
    public init() {}
}
