internal import ArgumentParser
internal import Engine
internal import Models

/// One request at a time.
struct LatencyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency",
        abstract: "One stream: prefill and decode speed, time to first token."
    )

    @OptionGroup var options: BenchOptions

    @Option(name: .customLong("num_requests"), help: "Measured requests.")
    var requestCount = 5

    mutating func run() async throws {
        let bench = try BenchEngine(options, concurrency: 1)
        let workload = Workload(inputLength: options.inputLength, vocabularySize: bench.engine.limits.vocabularySize)
        _ = try await bench.run(prompt: workload.prompt(0), outputLength: min(8, options.outputLength))
        let clock = ContinuousClock()
        let begin = clock.now
        var times: [RequestTimes] = []
        for index in 1...max(1, requestCount) {
            times.append(try await bench.run(prompt: workload.prompt(index), outputLength: options.outputLength))
        }
        let seconds = begin.duration(to: clock.now) / .seconds(1)
        let report = Report(
            options: options,
            bench: bench,
            concurrency: 1,
            measurements: Measurements(inputLength: options.inputLength, times: times, seconds: seconds)
        )
        try report.publish()
        await bench.engine.shutdown()
    }
}
