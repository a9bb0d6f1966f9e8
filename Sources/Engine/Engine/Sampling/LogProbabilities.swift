/// Log-probabilities under the raw logits: before temperature, penalties and filters.
package enum LogProbabilities {
    /// Most alternatives a request may ask for.
    package static let maxAlternatives = 20

    /// What is reported for a token at a position: its log-probability, and those of the `alternatives` most probable
    /// tokens, best first, lower ids first among equals.
    package static func report(
        _ logits: UnsafeBufferPointer<Float>,
        chosen: Int32,
        alternatives: Int,
    ) -> PositionLogProbabilities {
        let maximum = VectorMath.maximum(logits)
        let logSum = VectorMath.logSumOfExponentials(logits, maximum: maximum)
        func entry(_ token: Int32) -> TokenLogProbability {
            let logit = logits.indices.contains(Int(token)) ? logits[Int(token)] : -.infinity
            return TokenLogProbability(token: token, logProbability: Float(Double(logit - maximum) - logSum))
        }
        return PositionLogProbabilities(chosen: entry(chosen), top: top(logits, alternatives).map(entry))
    }

    /// The ids of the `count` greatest logits, greatest first, lower ids first among equals.
    private static func top(_ logits: UnsafeBufferPointer<Float>, _ count: Int) -> [Int32] {
        guard count > 0 else { return [] }
        var best: [(logit: Float, token: Int32)] = []
        best.reserveCapacity(count + 1)
        var threshold = -Float.infinity
        for (token, logit) in logits.enumerated() where best.count < count ? !logit.isNaN : logit > threshold {
            let position = best.lastIndex { $0.logit >= logit }.map { $0 + 1 } ?? 0
            best.insert((logit, Int32(token)), at: position)
            if best.count > count { best.removeLast() }
            if best.count == count { threshold = best[count - 1].logit }
        }
        return best.map(\.token)
    }
}
