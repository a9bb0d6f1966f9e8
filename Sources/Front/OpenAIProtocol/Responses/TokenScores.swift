/// A token as its bytes, with its log-probability.
public struct ScoredToken: Sendable, Hashable {
    /// Its bytes, perhaps only part of a character.
    public var bytes: [UInt8]
    /// Natural logarithm of its probability; `nil` where there is none, for the first token of an echoed prompt.
    public var logProbability: Float?

    /// A scored token.
    public init(bytes: [UInt8], logProbability: Float?) {
        self.bytes = bytes
        self.logProbability = logProbability
    }

    /// Its bytes as text; what isn't UTF-8 becomes U+FFFD.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// The log-probability report of one position of the output.
public struct TokenScores: Sendable, Hashable {
    /// The token that is there.
    public var chosen: ScoredToken
    /// The most probable ones, best first.
    public var top: [ScoredToken]

    /// A report.
    public init(chosen: ScoredToken, top: [ScoredToken]) {
        self.chosen = chosen
        self.top = top
    }
}
