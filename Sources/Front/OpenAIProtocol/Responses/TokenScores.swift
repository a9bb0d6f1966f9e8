/// A token as its bytes, with its log-probability.
public struct ScoredToken: Sendable, Hashable {
    /// Its bytes, perhaps only part of a character.
    public var bytes: [UInt8]
    /// Natural logarithm of its probability; `nil` where there is none, for the first token of an echoed prompt.
    public var logProbability: Float?
    /// What it is called instead of its text, with `return_tokens_as_token_ids`.
    public var name: String?

    /// A scored token.
    public init(bytes: [UInt8], logProbability: Float?, name: String? = nil) {
        self.bytes = bytes
        self.logProbability = logProbability
        self.name = name
    }

    /// What a token is called by its id, as vLLM does: `token_id:5`.
    public static func name(of id: Int32) -> String { "token_id:\(id)" }

    /// Its name, or its text without one.
    var label: String { name ?? text }

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
