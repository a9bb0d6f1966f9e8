internal import Engine
internal import Foundation
internal import Logging
internal import Synchronization

/// One line in the log for each iteration, as `print_iter_log` asks for.
///
/// The engine doesn't wait for the log: lines are written on another thread, and where that can't follow, it is said how many
/// are missing.
final class IterationLog: Sendable {
    /// Most lines that wait to be written.
    private static let capacity = 10_000

    private let lines: AsyncStream<String>.Continuation
    private let state = Mutex((requests: 0, missing: 0))

    /// A log that is written to until it is forgotten.
    init(_ logger: Logger) {
        let (stream, continuation) = AsyncStream.makeStream(
            of: String.self,
            bufferingPolicy: .bufferingOldest(Self.capacity)
        )
        lines = continuation
        Task { for await line in stream { logger.info("\(line)") } }
    }

    deinit { lines.finish() }

    /// Notes an iteration; never waits.
    func note(_ iteration: IterationStatistics) {
        state.withLock { state in
            state.requests += iteration.numNewActiveRequests
            var line = Self.line(iteration, requests: state.requests)
            if state.missing > 0 { line += ", missing_lines = \(state.missing)" }
            if case .dropped = lines.yield(line) { state.missing += 1 } else { state.missing = 0 }
        }
    }

    /// The reference's fields, and behind them what ranks take where there are several.
    static func line(_ iteration: IterationStatistics, requests: Int) -> String {
        let batch = iteration.inflightBatching
        let decoded = Int((batch.avgNumDecodedTokensPerIter * Double(batch.numGenRequests)).rounded())
        let states = [
            "'num_ctx_requests': \(batch.numContextRequests)", "'num_ctx_tokens': \(batch.numCtxTokens)",
            "'num_generation_tokens': \(decoded)",
        ]
        var fields = [
            "iter = \(iteration.iteration)", "global_rank = 0", "rank = 0",
            "currank_total_requests = \(requests)/\(requests)",
            "elapsed_time = \(seconds(iteration.iterLatencyMS))s", "timestamp = \(time(iteration.timestamp))",
            "states = {\(states.joined(separator: ", "))}",
        ]
        if let exchange = iteration.rankExchangeMS { fields.append("rank_exchange_time = \(seconds(exchange))s") }
        if !iteration.rankMemory.isEmpty { fields.append("rank_memory = \(iteration.rankMemory)") }
        return fields.joined(separator: ", ")
    }

    private static func seconds(_ milliseconds: Double) -> String { String(format: "%.6f", milliseconds / 1000) }

    /// `YYYY-MM-DD HH:MM:SS`, as local time.
    private static func time(_ timestamp: Double) -> String {
        var seconds = time_t(timestamp)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return String(
            format: "%04d-%02d-%02d %02d:%02d:%02d",
            parts.tm_year + 1900,
            parts.tm_mon + 1,
            parts.tm_mday,
            parts.tm_hour,
            parts.tm_min,
            parts.tm_sec
        )
    }
}
