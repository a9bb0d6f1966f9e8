internal import Glibc
package import Models

/// Log-probabilities under the raw logits: before temperature, penalties and filters.
package enum LogProbabilities {
    /// What is reported for a token at a position: its log-probability, and those of the `alternatives` most probable
    /// tokens, best first, lower ids first among equals.
    package static func report(
        _ logits: UnsafeBufferPointer<Float>,
        chosen: Int32,
        alternatives: Int,
        scanner: inout LogitScanner,
    ) -> PositionLogProbabilities {
        scanner.scan(logits)
        let maximum = scanner.maximum
        let logSum = log(scanner.sumOfWeights(logits, temperature: 1))
        func entry(_ token: Int32) -> TokenLogProbability {
            let logit = logits.indices.contains(Int(token)) ? logits[Int(token)] : -.infinity
            return TokenLogProbability(token: token, logProbability: Float(Double(logit - maximum) - logSum))
        }
        return PositionLogProbabilities(
            chosen: entry(chosen),
            top: scanner.largest(alternatives, logits).map(entry),
        )
    }

    /// The same with a scanner of its own.
    package static func report(
        _ logits: UnsafeBufferPointer<Float>,
        chosen: Int32,
        alternatives: Int,
    ) -> PositionLogProbabilities {
        var scanner = LogitScanner()
        return report(logits, chosen: chosen, alternatives: alternatives, scanner: &scanner)
    }
}
