internal import ArgumentParser
internal import Models

/// What every measurement of a model is told.
struct BenchOptions: ParsableArguments {
    @Option(name: .customLong("model"), help: "GGUF file to measure.")
    var model: String

    @Option(name: .customLong("input_len"), help: "Prompt tokens of a request.")
    var inputLength = 128

    @Option(name: .customLong("output_len"), help: "Generated tokens of a request.")
    var outputLength = 128

    @Option(name: .customLong("num_threads"), help: "Threads to compute with; default: what the machine grants.")
    var threadCount: Int?

    @Option(name: .customLong("max_num_tokens"), help: "Most tokens of one iteration.")
    var maxNumTokens = 8192

    @Option(
        name: .customLong("kv_cache_dtype"),
        help: "How the KV cache stores numbers: 'bfloat16' or 'int8'; default: bfloat16.",
        transform: BenchOptions.cacheType
    )
    var cacheType = KVCacheType.automatic

    @OptionGroup var sampling: SamplingOptions

    @Option(name: .customLong("report_json"), help: "File for the figures as JSON.")
    var reportFile: String?

    mutating func validate() throws {
        for (name, value) in [
            ("input_len", inputLength), ("output_len", outputLength), ("max_num_tokens", maxNumTokens),
        ]
        where value < 1 {
            throw ValidationError("--\(name) is \(value), but must be at least 1")
        }
        if let threadCount, threadCount < 1 {
            throw ValidationError("--num_threads is \(threadCount), but must be at least 1")
        }
    }

    private static func cacheType(_ name: String) throws -> KVCacheType {
        guard let type = KVCacheType(rawValue: name) else {
            let known = KVCacheType.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("it must be one of \(known)")
        }
        return type
    }
}
