internal import ArgumentParser
internal import CommandSupport
internal import Models

/// What every measurement of a model is told.
package struct BenchOptions: ParsableArguments {
    /// No options; ArgumentParser fills them in.
    package init() {}

    /// Largest rank of adapters, as in the server.
    static let largestRank = 512

    @Option(name: .customLong("model"), help: "GGUF file or directory to measure.")
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
        help: "How the KV cache stores numbers: 'bfloat16', 'int8' or 'float32'; default: bfloat16.",
        transform: BenchOptions.cacheType
    )
    var cacheType = KVCacheType.automatic

    @Option(
        name: .customLong("quantization"),
        help: "What becomes of weights that are stored as floats."
    )
    var quantization = WeightQuantization.Algorithm.unquantized

    @Option(
        name: .customLong("adapters"),
        help: "LoRA adapters of random numbers for all matrices, which requests have in turn; default: none."
    )
    var adapterCount = 0

    @Option(name: .customLong("adapter_rank"), help: "Rank of those adapters.")
    var adapterRank = 16

    @OptionGroup var sampling: SamplingOptions

    @OptionGroup var ranks: LayoutOptions

    @Option(name: .customLong("report_json"), help: "File for the figures as JSON.")
    var reportFile: String?

    /// Checks ranges, so that a bad value is a usage error.
    package mutating func validate() throws {
        try OptionRange.check("input_len", inputLength, in: OptionRange.tokens)
        try OptionRange.check("output_len", outputLength, in: OptionRange.tokens)
        try OptionRange.check("max_num_tokens", maxNumTokens, in: OptionRange.tokens)
        try OptionRange.check("num_threads", threadCount, in: OptionRange.threads)
        if adapterCount > 0, try ranks.layout.size > 1 {
            throw ValidationError("--adapters can't be measured with several processes")
        }
        try OptionRange.check("adapters", adapterCount, in: 0...1024)
        try OptionRange.check("adapter_rank", adapterRank, in: 1...Self.largestRank)
    }

    static func cacheType(_ name: String) throws -> KVCacheType {
        guard let type = KVCacheType(rawValue: name) else {
            let known = KVCacheType.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("it must be one of \(known)")
        }
        return type
    }
}
