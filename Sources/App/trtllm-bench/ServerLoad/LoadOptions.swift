package import ArgumentParser

/// What a load test is told.
package struct LoadOptions: ParsableArguments, Sendable {
    /// No options; ArgumentParser fills them in.
    package init() {}

    @Option(name: .customLong("base_url"), help: "The server, with or without /v1 at the end.")
    package var baseURL = "http://localhost:8000"

    @Option(name: .customLong("model"), help: "Model to ask for; default: the first that the server lists.")
    package var model: String?

    @Option(name: .customLong("num_requests"), help: "Requests to send.")
    package var requestCount = 64

    @Option(name: .customLong("concurrency"), help: "Most requests under way at once.")
    package var concurrency = 16

    @Option(
        name: .customLong("request_rate"),
        help: "Requests per second on average, at random times; default: as soon as --concurrency lets them."
    )
    package var requestRate: Double?

    @Option(name: .customLong("input_len"), help: "Prompt tokens of a request.")
    package var inputLength = 128

    @Option(name: .customLong("output_len"), help: "Generated tokens of a request.")
    package var outputLength = 128

    @Option(name: .customLong("vocabulary_size"), help: "Prompts are random token ids below this.")
    package var vocabularySize = 32_000

    @Option(name: .customLong("seed"), help: "Other seeds give other prompts and times.")
    package var seed: UInt64 = 0

    @Option(
        name: .customLong("goodput"),
        parsing: .upToNextOption,
        help: "Most milliseconds that are good, as ttft:500, tpot:50 or e2e:3000; repeatable.",
        transform: { text in
            do {
                return try ServiceObjective(text)
            } catch {
                throw ValidationError("\(error)")
            }
        }
    )
    package var objectives: [ServiceObjective] = []

    @Option(name: .customLong("report_json"), help: "File for the figures as JSON.")
    package var reportFile: String?

    package mutating func validate() throws {
        try OptionRange.check("num_requests", requestCount, in: OptionRange.count)
        try OptionRange.check("concurrency", concurrency, in: OptionRange.concurrency)
        try OptionRange.check("input_len", inputLength, in: OptionRange.tokens)
        try OptionRange.check("output_len", outputLength, in: OptionRange.tokens)
        try OptionRange.check("vocabulary_size", vocabularySize, in: OptionRange.vocabularySize)
        if let requestRate, !(requestRate > 0 && requestRate.isFinite) {
            throw ValidationError("--request_rate is \(requestRate), but must be positive")
        }
        do {
            _ = try ServerAddress(baseURL)
        } catch {
            throw ValidationError("\(error)")
        }
    }
}
