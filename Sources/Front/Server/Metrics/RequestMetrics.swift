import Generation
import Synchronization

/// What has become of the requests of this server, and how long they took.
final class RequestMetrics: Sendable {
    /// All counts at one moment.
    struct Snapshot: Sendable {
        /// Choices by how they ended.
        var finished: [String: Int] = [:]
        /// Requests that failed by the server's fault, before or after their answer had begun.
        var failed = 0
        /// Answers that were begun, by what they answer.
        var answers: [AnswerLabel: Int] = [:]
        /// Requests that were answered with an error, by its status.
        var refused: [Int: Int] = [:]
        var latency = Histogram.latency
        var timeToFirstToken = Histogram.timeToFirstToken
        var timePerToken = Histogram.timePerToken
        var queueTime = Histogram.latency

        /// Counts an answer.
        mutating func count(_ label: AnswerLabel) {
            answers[label, default: 0] += 1
            guard label.status >= 400 else { return }
            refused[label.status, default: 0] += 1
            if label.status == 500 { failed += 1 }
        }
    }

    /// What became of the latest requests.
    let records: RequestRecordLog
    private let state = Mutex(Snapshot())

    init(records: RequestRecordLog) { self.records = records }

    var snapshot: Snapshot { state.withLock { $0 } }

    func update(_ change: (inout Snapshot) -> Void) { state.withLock { change(&$0) } }
}

/// Times one request by the events that pass, in seconds of a monotonic clock.
struct RequestStopwatch: Sendable {
    private let metrics: RequestMetrics
    private let now: @Sendable () -> Double
    private let arrival: Double
    private var firstScheduled: Double?
    private var firstToken: Double?
    private var lastToken: Double?
    private var tokens = 0
    private var reasons: [FinishReason] = []
    /// When each prompt's first token was there, if that is to be remembered.
    private var firstTokens: [Int: Double] = [:]
    private var entries: [RequestRecordLog.Entry] = []

    init(metrics: RequestMetrics, now: @escaping @Sendable () -> Double) {
        self.metrics = metrics
        self.now = now
        arrival = now()
    }

    /// Takes in what happened to one of the request's prompts.
    mutating func note(_ event: GenerationEvent, prompt: Int) {
        switch event {
        case .started: firstScheduled = firstScheduled ?? now()
        case .piece(let piece, _):
            let isEndAlone = piece.deltas.isEmpty && piece.tokens.isEmpty
            if !isEndAlone {
                lastToken = now()
                firstToken = firstToken ?? lastToken
                if metrics.records.isKept { firstTokens[prompt] = firstTokens[prompt] ?? lastToken }
            }
            if let finish = piece.finish { reasons.append(finish.reason) }
        case .usage(let usage):
            tokens += usage.completionTokens
            guard let record = usage.record, let first = firstTokens[prompt] else { return }
            entries.append(RequestRecordLog.Entry(arrival: arrival, firstToken: first, record: record))
        case .promptReports, .contextLogits: break
        }
    }

    /// Records a request that was answered.
    func finish() {
        let end = now()
        for entry in entries { metrics.records.add(entry) }
        metrics.update { metrics in
            for reason in reasons { metrics.finished[reason.rawValue, default: 0] += 1 }
            metrics.latency.observe(end - arrival)
            if let firstScheduled { metrics.queueTime.observe(firstScheduled - arrival) }
            guard let firstToken else { return }
            metrics.timeToFirstToken.observe(firstToken - arrival)
            if tokens > 1 { metrics.timePerToken.observe((end - firstToken) / Double(tokens - 1)) }
        }
    }

    /// Records a request that failed after its answer had begun.
    func fail() { metrics.update { $0.failed += 1 } }
}
