/// Advice on the batch limits from what iterations really use: moving averages over the newest 128 iterations.
///
/// It recommends the smallest power of two that is at least a quarter above the average, never more than the configured
/// limit; before the first iteration it recommends that limit. It is only advice: the engine's limits don't change.
package struct BatchTuner: Sendable {
    /// How many iterations the averages cover.
    package static let window = 128

    private var samples: [(sequences: Int, tokens: Int)] = []
    private var next = 0
    private var sums = (sequences: 0, tokens: 0)

    /// A tuner that has seen nothing.
    package init() {}

    /// Takes in one iteration.
    package mutating func record(sequences: Int, tokens: Int) {
        sums.sequences += sequences
        sums.tokens += tokens
        if samples.count < Self.window {
            samples.append((sequences, tokens))
        } else {
            sums.sequences -= samples[next].sequences
            sums.tokens -= samples[next].tokens
            samples[next] = (sequences, tokens)
            next = (next + 1) % Self.window
        }
    }

    /// The recommended batch size.
    package func batchSize(limit: Int) -> Int { recommend(sums.sequences, limit) }

    /// The recommended number of tokens of an iteration.
    package func tokenCount(limit: Int) -> Int { recommend(sums.tokens, limit) }

    private func recommend(_ sum: Int, _ limit: Int) -> Int {
        guard !samples.isEmpty else { return limit }
        var size = 1
        while size < limit, size * 4 * samples.count < sum * 5 { size *= 2 }
        return min(size, limit)
    }
}
