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

    /// What is set for sampling, in the words of requests, as "temperature 0.6, top_k 20"; `nil` if nothing is.
    public var sampling: String? {
        if samples == false { return "temperature 0" }
        let settings: [(String, String?)] = [
            ("temperature", temperature.map { "\($0)" }), ("top_k", topK.map { "\($0)" }),
            ("top_p", topP.map { "\($0)" }), ("min_p", minP.map { "\($0)" }),
            ("repetition_penalty", repetitionPenalty.map { "\($0)" }),
        ]
        let said = settings.compactMap { name, value in value.map { "\(name) \($0)" } }
        return said.isEmpty ? nil : said.joined(separator: ", ")
    }
}
