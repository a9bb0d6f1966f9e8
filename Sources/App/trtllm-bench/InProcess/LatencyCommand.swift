internal import ArgumentParser
internal import Engine
internal import Models
internal import Tensors

/// One request at a time.
struct LatencyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency",
        abstract: "One stream: prefill and decode speed, time to first token."
    )

    @OptionGroup var options: BenchOptions

    @Option(name: .customLong("num_requests"), help: "Measured requests.")
    var requestCount = 5

    @Flag(
        name: .customLong("with_read_bandwidth"),
        help: "Also measure what memory gives, between the requests: decoding reads all weights for every token."
    )
    var measuresBandwidth = false

    mutating func validate() throws {
        try OptionRange.check("num_requests", requestCount, in: OptionRange.count)
    }

    mutating func run() async throws {
        guard let bench = try BenchEngine.load(options, concurrency: 1) else { return }
        let workload = Workload(inputLength: options.inputLength, vocabularySize: bench.engine.limits.vocabularySize)
        let bandwidth = try measuresBandwidth ? ReadBandwidth(pool: ThreadPool(threadCount: bench.threadCount)) : nil
        var rates = [bandwidth?.measure()]
        _ = try await bench.run(prompt: workload.prompt(0), outputLength: min(8, options.outputLength))
        let before = ExchangeFigures.mark(bench)
        let clock = ContinuousClock()
        var seconds = 0.0
        var times: [RequestTimes] = []
        for index in 1...requestCount {
            let begin = clock.now
            times.append(try await bench.run(prompt: workload.prompt(index), outputLength: options.outputLength))
            seconds += begin.duration(to: clock.now) / .seconds(1)
            rates.append(bandwidth?.measure())
        }
        let report = Report(
            options: options,
            bench: bench,
            concurrency: 1,
            readBandwidth: Percentiles(rates.compactMap { $0 }).median,
            measurements: Measurements(inputLength: options.inputLength, times: times, seconds: seconds),
            exchange: ExchangeFigures(from: before, to: ExchangeFigures.mark(bench))
        )
        try report.publish()
        await bench.shutdown()
    }
}
