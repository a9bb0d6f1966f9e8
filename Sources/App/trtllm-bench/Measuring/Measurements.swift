package import OrderedJSON

/// The figures of a run of equal requests, whatever answered them.
package struct Measurements: Sendable {
    /// Prompt tokens of each request.
    package let inputLength: Int
    /// The requests that were answered.
    package let times: [RequestTimes]
    /// Wall time of the whole run.
    package let seconds: Double

    /// The figures of some answered requests.
    package init(inputLength: Int, times: [RequestTimes], seconds: Double) {
        self.inputLength = inputLength
        self.times = times
        self.seconds = seconds
    }

    /// Names and values per second; `nil` for what couldn't be measured.
    package var rates: [(name: String, value: Double?)] {
        let generated = times.reduce(0) { $0 + $1.tokenCount }
        let all = generated + times.count * inputLength
        // Of the median request alone; under load its first token waited for other requests as well.
        let prefill = timesToFirstToken.median.map { Double(inputLength) / $0 * 1000 }
        return [
            ("prefill_tokens_per_s", prefill),
            ("decode_tokens_per_s", timesPerOutputToken.median.map { 1000 / $0 }),
            ("output_tokens_per_s", Double(generated) / seconds),
            ("total_tokens_per_s", Double(all) / seconds),
        ]
    }

    /// Names and milliseconds.
    package var latencies: [(name: String, percentiles: Percentiles)] {
        [
            ("ttft_ms", timesToFirstToken),
            ("tpot_ms", timesPerOutputToken),
            ("itl_ms", Percentiles(times.flatMap(\.interTokenLatencies))),
            ("e2e_ms", Percentiles(times.compactMap(\.endToEnd))),
        ]
    }

    private var timesToFirstToken: Percentiles { Percentiles(times.compactMap(\.timeToFirstToken)) }

    private var timesPerOutputToken: Percentiles { Percentiles(times.compactMap(\.timePerOutputToken)) }

    /// Adds all figures to a report.
    package func append(to report: inout JSONObject) {
        for (name, value) in rates { report[name] = JSONValue(figure: value) }
        for (name, percentiles) in latencies { report[name] = percentiles.json }
    }

    /// Adds all figures to a table.
    package func append(to table: inout ReportTable) {
        for (name, value) in rates { table.append(name, [value]) }
        table.append(heads: Percentiles.shown.map(\.name))
        for (name, percentiles) in latencies {
            table.append(name, Percentiles.shown.map { percentiles.value(at: $0.share) })
        }
    }
}
