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
        for (name, value, most) in [
            ("num_requests", requestCount, Int.max), ("concurrency", concurrency, 65_536),
            ("input_len", inputLength, .max), ("output_len", outputLength, .max),
            ("vocabulary_size", vocabularySize, Int(Int32.max)),
        ] where value < 1 || value > most {
            let limit = most == .max ? "at least 1" : "in [1, \(most)]"
            throw ValidationError("--\(name) is \(value), but must be \(limit)")
        }
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
