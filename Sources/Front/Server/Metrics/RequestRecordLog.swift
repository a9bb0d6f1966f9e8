import OrderedJSON
import Synchronization

/// When things happened to the latest requests, for `/perf_metrics`: up to a number of them, forgotten when read.
final class RequestTimingLog: Sendable {
    /// The times of one request, in seconds of the steady clock.
    struct Record: Sendable {
        var arrival: Double
        var firstScheduled: Double
        var firstToken: Double
        var lastToken: Double
    }

    private struct State {
        var records: [(id: Int, record: Record)] = []
        var nextID = 0
        var offset = 0.0
    }

    private let state = Mutex(State())
    private let capacity: Int

    /// - Parameter capacity: Most requests that are remembered; 0: none.
    init(capacity: Int) { self.capacity = capacity }

    func add(_ record: Record) {
        guard capacity > 0 else { return }
        state.withLock { state in
            state.nextID += 1
            state.records.append((state.nextID, record))
            // Seldom, so that forgetting one costs no more than remembering it.
            if state.records.count >= 2 * capacity { state.records.removeFirst(state.records.count - capacity) }
        }
    }

    /// Seconds that are added to all times, so that they are those of another machine's clock.
    func setOffset(_ seconds: Double) { state.withLock { $0.offset = seconds } }

    /// All requests since the last time, oldest first.
    var drained: JSONValue {
        let (records, offset) = state.withLock { state in
            defer { state.records = [] }
            return (state.records.suffix(capacity), state.offset)
        }
        return .array(records.map { Self.json($0.id, $0.record, offset) })
    }

    private static func json(_ id: Int, _ record: Record, _ offset: Double) -> JSONValue {
        let times: JSONObject = [
            "server_arrival_time": .number(record.arrival + offset), "arrival_time": .number(record.arrival + offset),
            "first_scheduled_time": .number(record.firstScheduled + offset),
            "first_token_time": .number(record.firstToken + offset),
            "server_first_token_time": .number(record.firstToken + offset),
            "last_token_time": .number(record.lastToken + offset),
        ]
        return ["request_id": .integer(id), "perf_metrics": ["timing_metrics": .object(times)]]
    }
}
