/// A latency that a request must keep to count as good: one `NAME:MILLISECONDS` of `--goodput`.
package struct ServiceObjective: Sendable, Hashable {
    /// What is limited.
    package enum Latency: String, Sendable, Hashable, CaseIterable {
        case ttft
        case tpot
        case e2e
    }

    /// What is limited.
    package let latency: Latency
    /// The most that is good.
    package let milliseconds: Double

    /// Reads `ttft:500`.
    ///
    /// - Throws: `LoadTestError.badObjective`.
    package init(_ text: String) throws(LoadTestError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let latency = Latency(rawValue: String(parts[0])) else {
            let names = Latency.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badObjective(value: text, reason: "must be NAME:MILLISECONDS with a name of \(names)")
        }
        guard let milliseconds = Double(parts[1]), milliseconds.isFinite, milliseconds > 0 else {
            throw .badObjective(value: text, reason: "the milliseconds must be a positive number")
        }
        self.latency = latency
        self.milliseconds = milliseconds
    }

    /// Whether a request kept it; a time between tokens that an answer of one token doesn't have is kept.
    package func isKept(by times: RequestTimes) -> Bool {
        let measured =
            switch latency {
            case .ttft: times.timeToFirstToken
            case .tpot: times.timePerOutputToken
            case .e2e: times.endToEnd
            }
        return (measured ?? 0) <= milliseconds
    }
}

extension [ServiceObjective] {
    /// How many requests kept all objectives.
    package func goodRequests(_ times: [RequestTimes]) -> Int {
        times.count { request in allSatisfy { $0.isKept(by: request) } }
    }
}
