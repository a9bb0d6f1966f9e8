public import Tokenization

/// A piece of one choice's output, its end included when this is the last.
public struct GenerationPiece: Sendable {
    /// Index of the choice, `0..<n`.
    public var choice: Int
    /// What the output grows by; never a broken character, never part of a stop string.
    ///
    /// Where nothing but text is looked for in the output there is always one `.content`, perhaps an empty one, except in
    /// pieces that bring nothing but the end.
    public var deltas: [GenerationDelta]
    /// The tokens whose text this piece carries.
    public var tokens: [TokenID]
    /// Their log-probabilities when asked for, aligned with `tokens`; that of an end-of-sequence token comes behind them.
    public var reports: [TokenReport]
    /// How the choice ended; `nil` while it goes on.
    public var finish: GenerationFinish?

    /// A piece of deltas.
    public init(
        choice: Int,
        deltas: [GenerationDelta],
        tokens: [TokenID] = [],
        reports: [TokenReport] = [],
        finish: GenerationFinish? = nil,
    ) {
        self.choice = choice
        self.deltas = deltas
        self.tokens = tokens
        self.reports = reports
        self.finish = finish
    }

    /// A piece of the answer's text.
    public init(
        choice: Int,
        text: String,
        tokens: [TokenID] = [],
        reports: [TokenReport] = [],
        finish: GenerationFinish? = nil,
    ) {
        self.init(choice: choice, deltas: [.content(text)], tokens: tokens, reports: reports, finish: finish)
    }

    /// The answer's text in this piece: its `.content`, without thoughts and calls.
    public var text: String {
        if deltas.count == 1, case .content(let text) = deltas[0] { return text }
        var text = ""
        for case .content(let part) in deltas { text += part }
        return text
    }
}

/// How a choice ended.
public struct GenerationFinish: Sendable, Hashable {
    /// Why.
    public var reason: FinishReason
    /// What ended it beyond the end-of-sequence token.
    public var cause: StopCause?

    /// An end.
    public init(_ reason: FinishReason, cause: StopCause? = nil) {
        self.reason = reason
        self.cause = cause
    }
}

/// Why a choice ended.
public enum FinishReason: String, Sendable, Hashable {
    case stop
    case length
    case cancelled
    case timeout
    /// It ended by itself, and with it at least one call of a tool.
    case toolCalls = "tool_calls"
}

/// What ended a choice beyond the end-of-sequence token.
public enum StopCause: Sendable, Hashable {
    case string(String)
    case token(TokenID)
}
