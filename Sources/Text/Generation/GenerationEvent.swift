public import Engine
public import Tokenization

/// A token with its text and its log-probability.
public struct TokenScore: Sendable {
    /// The token.
    public var id: TokenID
    /// Its text as bytes (may be part of a character).
    public var bytes: [UInt8]
    /// Natural logarithm of its probability.
    public var logProbability: Float

    /// A scored token.
    public init(id: TokenID, bytes: [UInt8], logProbability: Float) {
        self.id = id
        self.bytes = bytes
        self.logProbability = logProbability
    }
}

/// The log-probability report of one position.
public struct TokenReport: Sendable {
    /// The token at the position.
    public var chosen: TokenScore
    /// The most probable tokens, best first.
    public var top: [TokenScore]

    /// A report.
    public init(chosen: TokenScore, top: [TokenScore]) {
        self.chosen = chosen
        self.top = top
    }
}

/// Token counts of a request, complete at its end.
public struct TokenUsage: Sendable, Hashable {
    /// Tokens of the prompt.
    public var promptTokens: Int
    /// How many of them came from the KV cache.
    public var cachedTokens: Int
    /// Tokens of the returned choices, those that matched a stop string or stop token and aren't shown left out.
    public var completionTokens: Int
    /// What the engine tells of the request; `nil` when no engine is behind it.
    public var record: RequestRecord?

    /// Counts.
    public init(promptTokens: Int, cachedTokens: Int = 0, completionTokens: Int = 0) {
        self.promptTokens = promptTokens
        self.cachedTokens = cachedTokens
        self.completionTokens = completionTokens
    }
}

/// What the pipeline tells the submitter of a request, in order.
public enum GenerationEvent: Sendable {
    /// The engine began with the request.
    case started(cachedTokens: Int)
    /// Reports for the prompt's tokens, `nil` for the first.
    case promptReports([TokenReport?])
    /// Logits of the prompt's positions, `[prompt tokens][vocabulary]`.
    case contextLogits([[Float]])
    /// A choice grew, ended, or both; `completionTokens` is how many of its tokens have been given out.
    case piece(GenerationPiece, completionTokens: Int)
    /// The request ended; always last.
    case usage(TokenUsage)
}
