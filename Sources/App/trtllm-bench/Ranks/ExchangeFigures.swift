internal import Engine
internal import OrderedJSON
internal import Parallel

/// What the first rank exchanged with the others during a run, for each iteration.
struct ExchangeFigures {
    /// Iterations and traffic at a time.
    struct Mark {
        fileprivate let iterations: Int
        fileprivate let traffic: CommunicatorTraffic
    }

    private let values: [(name: String, value: Double)]

    /// Where the counters stand now; `nil` where one process computes alone.
    static func mark(_ bench: BenchEngine) -> Mark? {
        bench.ranks.map { Mark(iterations: bench.engine.activity.iterations, traffic: $0.world.communicator.traffic) }
    }

    /// What was exchanged between two times.
    init?(from start: Mark?, to end: Mark?) {
        guard let start, let end, end.iterations > start.iterations else { return nil }
        let iterations = Double(end.iterations - start.iterations)
        let traffic = end.traffic.since(start.traffic)
        let work = traffic.nanoseconds - traffic.waitingNanoseconds
        values = [
            ("iterations", iterations),
            ("exchange_ms_per_iteration", Double(traffic.nanoseconds) / 1e6 / iterations),
            ("exchange_without_waiting_ms_per_iteration", Double(work) / 1e6 / iterations),
            ("exchanges_per_iteration", Double(traffic.calls) / iterations),
            ("sent_bytes_per_iteration", Double(traffic.bytesSent) / iterations),
        ]
    }

    /// Adds all figures to a report.
    func append(to report: inout JSONObject) {
        for (name, value) in values { report[name] = .number(value) }
    }

    /// Adds all figures to a table.
    func append(to table: inout ReportTable) {
        for (name, value) in values { table.append(name, [value]) }
    }
}
