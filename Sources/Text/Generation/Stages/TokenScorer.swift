package import Engine
package import Tokenization

/// Gives the engine's log-probabilities the bytes of their tokens.
package struct TokenScorer: Sendable {
    private let tokenizer: Tokenizer

    /// A scorer for a tokenizer's ids.
    package init(tokenizer: Tokenizer) { self.tokenizer = tokenizer }

    /// The report of one position.
    package func report(_ position: PositionLogProbabilities) -> TokenReport {
        TokenReport(chosen: score(position.chosen), top: position.top.map(score))
    }

    private func score(_ entry: TokenLogProbability) -> TokenScore {
        TokenScore(
            id: entry.token,
            bytes: tokenizer.bytes(of: entry.token, skipSpecialTokens: false),
            logProbability: entry.logProbability,
        )
    }
}
