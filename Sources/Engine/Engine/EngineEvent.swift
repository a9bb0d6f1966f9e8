/// A token id with its natural-log probability under the raw logits (before temperature and penalties).
public struct TokenLogProbability: Sendable, Hashable {
    /// The token.
    public var token: Int32
    /// Natural logarithm of its probability.
    public var logProbability: Float

    /// A token and its log-probability.
    public init(token: Int32, logProbability: Float) {
        self.token = token
        self.logProbability = logProbability
    }
}

/// The log-probabilities reported for one position.
public struct PositionLogProbabilities: Sendable, Hashable {
    /// The token at the position.
    public var chosen: TokenLogProbability
    /// The most probable tokens, best first, as many as asked for.
    public var top: [TokenLogProbability]

    /// What is reported for one position.
    public init(chosen: TokenLogProbability, top: [TokenLogProbability]) {
        self.chosen = chosen
        self.top = top
    }
}

/// Why a choice ended.
public enum EngineFinishReason: Sendable, Hashable {
    /// An end-of-sequence token was generated; it is the last token reported.
    case end(Int32)
    /// One of the request's stop tokens was generated; it is the last token reported.
    case stop(Int32)
    /// `maxTokens` or the longest sequence was reached.
    case length
    /// The request's constraint is fulfilled, and nothing may follow.
    case complete
    /// None of the tokens may follow, and the choice may not end; says why.
    case failed(String)
    /// The request was cancelled.
    case cancelled
}

/// What the engine tells the submitter of a request, in order.
public enum EngineEvent: Sendable {
    /// The request was scheduled for the first time; `cachedTokens` of its prompt came from the KV cache.
    case started(cachedTokens: Int)
    /// Log-probabilities of the prompt's tokens: `nil` for the first, then one entry for each.
    case promptLogProbabilities([PositionLogProbabilities?])
    /// Logits of the prompt's positions, `[prompt tokens][vocabulary]`.
    case contextLogits([[Float]])
    /// The mean of the hidden states at the positions that were asked for, `[hidden size]`.
    case embedding([Float])
    /// A choice grew by one token.
    case token(choice: Int, id: Int32, logProbabilities: PositionLogProbabilities?)
    /// A choice ended; after the last choice the stream ends.
    case finished(choice: Int, reason: EngineFinishReason)
}

extension EngineEvent {
    /// Whether it is a token.
    var isToken: Bool {
        if case .token = self { true } else { false }
    }

    /// Whether it ends a choice that wasn't cancelled.
    var isEnd: Bool {
        if case .finished = self { !isCancellation } else { false }
    }

    /// Whether it ends a choice that was cancelled.
    var isCancellation: Bool {
        if case .finished(_, .cancelled) = self { true } else { false }
    }
}
