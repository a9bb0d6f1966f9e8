import Engine
import OrderedJSON
import Synchronization

/// What became of the latest requests, for `/perf_metrics`: up to a number of them, forgotten when read.
final class RequestRecordLog: Sendable {
    /// What is remembered of one prompt of a request.
    struct Entry: Sendable {
        /// When the request had arrived at the server.
        var arrival: Double
        /// When its first token was there.
        var firstToken: Double
        /// What the engine tells of it.
        var record: RequestRecord
    }

    private struct State {
        var entries: [Entry] = []
        var offset = 0.0
    }

    private let state = Mutex(State())
    private let capacity: Int

    /// - Parameter capacity: Most requests that are remembered; 0: none.
    init(capacity: Int) { self.capacity = capacity }

    /// Whether anything is remembered.
    var isKept: Bool { capacity > 0 }

    func add(_ entry: Entry) {
        guard isKept else { return }
        state.withLock { state in
            state.entries.append(entry)
            // Seldom, so that forgetting one costs no more than remembering it.
            if state.entries.count >= 2 * capacity { state.entries.removeFirst(state.entries.count - capacity) }
        }
    }

    /// Seconds that are added to all times, so that they are those of another machine's clock.
    func setOffset(_ seconds: Double) { state.withLock { $0.offset = seconds } }

    /// All requests since the last time, in the order in which they ended.
    var drained: JSONValue {
        let (entries, offset) = state.withLock { state in
            defer { state.entries = [] }
            return (state.entries.suffix(capacity), state.offset)
        }
        return .array(entries.map { $0.json(offset: offset) })
    }
}

extension RequestRecordLog.Entry {
    /// The entry under the reference's names, all times moved by `offset`.
    fileprivate func json(offset: Double) -> JSONValue {
        func time(_ seconds: Double?) -> JSONValue { seconds.map { .number($0 + offset) } ?? .null }
        func count(_ number: Int?) -> JSONValue { number.map { .integer($0) } ?? .null }
        let times: JSONObject = [
            "server_arrival_time": time(arrival), "arrival_time": time(record.arrival),
            "first_scheduled_time": time(record.firstScheduled), "first_token_time": time(record.firstToken),
            "server_first_token_time": time(firstToken), "last_token_time": time(record.lastToken),
        ]
        var metrics: JSONObject = [
            "first_iter": count(record.firstIteration), "last_iter": count(record.lastIteration),
            "timing_metrics": .object(times),
        ]
        if let blocks = record.blocks { metrics["kv_cache_metrics"] = blocks.json }
        return ["request_id": .integer(Int(clamping: record.id)), "perf_metrics": .object(metrics)]
    }
}

extension BlockCounters {
    /// The counts under the reference's names.
    fileprivate var json: JSONValue {
        [
            "num_total_allocated_blocks": .integer(total), "num_new_allocated_blocks": .integer(new),
            "num_reused_blocks": .integer(reused), "num_missed_blocks": .integer(missed),
        ]
    }
}
