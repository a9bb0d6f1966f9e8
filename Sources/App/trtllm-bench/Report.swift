internal import Foundation
internal import OrderedJSON

/// The figures of a run, for people and as JSON.
struct Report {
    let options: BenchOptions
    let threadCount: Int
    let concurrency: Int
    let times: [RequestTimes]
    /// Wall time of the whole run.
    let seconds: Double

    private var generated: Int { times.reduce(0) { $0 + $1.tokens.count } }

    /// Prompt tokens per second of a lone request, the median; under load a request also waits for others.
    private var prefillSpeed: Double {
        Double(options.inputLength) / Percentiles(times.map(\.timeToFirstToken)).value(at: 0.5) * 1000
    }

    /// Tokens per second of one stream, the median.
    private var decodeSpeed: Double { 1000 / Percentiles(times.map(\.timePerOutputToken)).value(at: 0.5) }

    private var latencies: [(name: String, percentiles: Percentiles)] {
        [
            ("ttft_ms", Percentiles(times.map(\.timeToFirstToken))),
            ("tpot_ms", Percentiles(times.map(\.timePerOutputToken))),
            ("itl_ms", Percentiles(times.flatMap(\.interTokenLatencies))),
            ("e2e_ms", Percentiles(times.map(\.endToEnd))),
        ]
    }

    private var rates: [(name: String, value: Double)] {
        [
            ("prefill_tokens_per_s", prefillSpeed),
            ("decode_tokens_per_s", decodeSpeed),
            ("output_tokens_per_s", Double(generated) / seconds),
            ("total_tokens_per_s", Double(generated + times.count * options.inputLength) / seconds),
        ]
    }

    var json: JSONValue {
        var members: JSONObject = [
            "model": .string(options.model), "num_threads": .integer(threadCount),
            "concurrency": .integer(concurrency), "num_requests": .integer(times.count),
            "input_len": .integer(options.inputLength), "output_len": .integer(options.outputLength),
        ]
        for (name, value) in rates { members[name] = .number(value) }
        for (name, percentiles) in latencies { members[name] = percentiles.json }
        return .object(members)
    }

    var text: String {
        var lines = [
            "\(options.model), \(threadCount) threads, \(times.count) requests of \(options.inputLength) + "
                + "\(options.outputLength) tokens, \(concurrency) at once"
        ]
        for (name, value) in rates { lines.append(Self.row(name, [value])) }
        lines.append(Self.padded("", 24) + ["p50", "p95", "p99"].map { Self.padded($0, -12) }.joined())
        for (name, percentiles) in latencies {
            lines.append(Self.row(name, [0.5, 0.95, 0.99].map { percentiles.value(at: $0) }))
        }
        return lines.joined(separator: "\n")
    }

    /// Prints the table, and writes the JSON when a file is named.
    func publish(to file: String?) throws {
        print(text)
        if let file { try Data(json.serialized + [0x0A]).write(to: URL(filePath: file)) }
    }

    private static func row(_ name: String, _ values: [Double]) -> String {
        padded(name, 24) + values.map { padded(String(format: "%.2f", $0), -12) }.joined()
    }

    /// Text filled up with spaces, behind it (positive width) or in front of it (negative).
    private static func padded(_ text: String, _ width: Int) -> String {
        let spaces = String(repeating: " ", count: max(0, abs(width) - text.count))
        return width > 0 ? text + spaces : spaces + text
    }
}
