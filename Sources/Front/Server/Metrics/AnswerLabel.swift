import NIOHTTP1

/// What an answer is counted under: only words of the table of endpoints, so that clients can't make up new ones.
struct AnswerLabel: Sendable, Hashable, Comparable {
    /// The path as the table has it, or `other`.
    var path: String
    /// A method that the table may have, or `other`.
    var method: String
    var status: Int

    static func < (left: AnswerLabel, right: AnswerLabel) -> Bool {
        (left.path, left.method, left.status) < (right.path, right.method, right.status)
    }
}

extension Exchange {
    /// Counts an answer of a status, unless it is the counts themselves: reading them doesn't change them.
    func count(_ status: Int, in metrics: RequestMetrics) {
        let path = target?.match?.path ?? "other"
        guard path != Endpoint.prometheusMetrics.path.text || status >= 400 else { return }
        let known = (method?.rawValue).flatMap { ["GET", "HEAD", "POST", "DELETE", "OPTIONS"].contains($0) ? $0 : nil }
        metrics.update { $0.count(AnswerLabel(path: path, method: known ?? "other", status: status)) }
    }
}
