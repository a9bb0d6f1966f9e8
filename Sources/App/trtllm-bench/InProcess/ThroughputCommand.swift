internal import ArgumentParser
internal import Engine
internal import Models

/// Many requests at once.
struct ThroughputCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "throughput",
        abstract: "Many streams: total tokens per second and latencies under load."
    )

    @OptionGroup var options: BenchOptions

    @Option(name: .customLong("num_requests"), help: "Measured requests.")
    var requestCount = 64

    @Option(name: .customLong("concurrency"), help: "Requests under way at once.")
    var concurrency = 16

    mutating func validate() throws {
        try OptionRange.check("num_requests", requestCount, in: OptionRange.count)
        try OptionRange.check("concurrency", concurrency, in: OptionRange.concurrency)
    }

    mutating func run() async throws {
        guard let bench = try BenchEngine.load(options, concurrency: concurrency) else { return }
        let workload = Workload(inputLength: options.inputLength, vocabularySize: bench.engine.limits.vocabularySize)
        let outputLength = options.outputLength
        _ = try await bench.run(prompt: workload.prompt(0), outputLength: min(8, outputLength))
        let before = ExchangeFigures.mark(bench)
        let clock = ContinuousClock()
        let begin = clock.now
        let times = try await withThrowingTaskGroup(of: RequestTimes.self) { group in
            var times: [RequestTimes] = []
            for index in 1...requestCount {
                if index > concurrency, let ended = try await group.next() { times.append(ended) }
                group.addTask {
                    try await bench.run(prompt: workload.prompt(index), outputLength: outputLength, turn: index)
                }
            }
            for try await ended in group { times.append(ended) }
            return times
        }
        let seconds = begin.duration(to: clock.now) / .seconds(1)
        let report = Report(
            options: options,
            bench: bench,
            concurrency: concurrency,
            measurements: Measurements(inputLength: options.inputLength, times: times, seconds: seconds),
            exchange: ExchangeFigures(from: before, to: ExchangeFigures.mark(bench))
        )
        try report.publish()
        await bench.shutdown()
    }
}
