internal import OrderedJSON

/// The figures of a load test, for people and as JSON.
struct LoadReport {
    let options: LoadOptions
    let model: String
    let server: ServerAddress
    let result: LoadTest.Result

    private var measurements: Measurements {
        Measurements(inputLength: options.inputLength, times: result.times, seconds: result.seconds)
    }

    /// Figures that only a load test has.
    private var rates: [(name: String, value: Double)] {
        var rates = [("request_throughput_per_s", Double(result.times.count) / result.seconds)]
        if !options.objectives.isEmpty {
            let good = options.objectives.goodRequests(result.times)
            rates.append(("goodput_requests_per_s", Double(good) / result.seconds))
        }
        return rates
    }

    private var json: JSONValue {
        var members: JSONObject = [
            "base_url": .string(server.text), "model": .string(model), "num_threads": .null,
            "concurrency": .integer(options.concurrency), "request_rate": JSONValue(figure: options.requestRate),
            "num_requests": .integer(options.requestCount), "failed_requests": .integer(result.failures.count),
            "first_failure": result.failures.first.map { .string($0) } ?? .null,
            "input_len": .integer(options.inputLength), "output_len": .integer(options.outputLength),
            "output_tokens": .integer(result.times.reduce(0) { $0 + $1.tokenCount }),
        ]
        for (name, value) in rates { members[name] = JSONValue(figure: value) }
        measurements.append(to: &members)
        return .object(members)
    }

    private var text: String {
        var table = ReportTable(
            title: "\(model) at \(server.text), \(options.requestCount) requests of \(options.inputLength) + "
                + "\(options.outputLength) tokens, at most \(options.concurrency) at once, "
                + (options.requestRate.map { "\($0) per second" } ?? "without pause")
        )
        table.append("failed_requests", result.failures.count)
        for (name, value) in rates { table.append(name, [value]) }
        measurements.append(to: &table)
        return table.text
    }

    /// Prints the table, and writes the JSON when a file is named.
    func publish() throws {
        print(text)
        try ReportFile.write(json, to: options.reportFile)
    }
}
