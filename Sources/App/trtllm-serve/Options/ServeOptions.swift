internal import ArgumentParser
internal import CommandSupport
internal import Generation
internal import Models
internal import OpenAIProtocol

/// The flags of `serve`; `nil` where nothing was given, so that defaults are written once, in `ServeConfiguration`.
///
/// Names and meaning are the reference's early-2025 set, with the later spellings as aliases.
package struct ServeOptions: ParsableArguments {
    /// No options; ArgumentParser fills them in.
    package init() {}

    @Argument(
        help: "A GGUF file, a checkpoint or engine directory, or a name on a hub: org/name[:QUANTIZATION]."
    )
    var model: String

    @Option(name: RevisionOption.names, help: RevisionOption.help)
    var revision: String?
    @Option(
        name: .customLong("tokenizer"),
        help: "Tokenizer and chat template instead of the model's: a path, or a name on a hub."
    )
    var tokenizer: String?
    @Option(name: .customLong("host"), help: "Address to listen on (default: localhost).")
    var host: String?
    @Option(name: .customLong("port"), help: "Port to listen on (default: 8000).")
    var port: Int?
    @Option(
        name: .customLong("backend"),
        help: """
            absent, 'tensorrt' or 'trt': engines are cached, iteration statistics always on; 'pytorch': nothing is \
            written, statistics off unless enabled by YAML.
            """
    )
    var backend: BackendName?
    @Option(name: .customLong("log_level"), help: "How much to log (default: info).")
    var logLevel: LogLevelName?
    @Option(name: .customLong("served_model_name"), help: "Model id shown by the API (default: last part of MODEL).")
    var servedModelName: String?
    @Option(name: .customLong("chat_template"), help: "Jinja chat template: a file, or the template itself.")
    var chatTemplate: String?
    @Option(name: .customLong("tool_parser"), help: "How the model writes calls of tools (default: by its template).")
    var toolParser: String?
    @Option(name: .customLong("reasoning_parser"), help: "How the model marks thoughts (default: by its template).")
    var reasoningParser: String?
    @Option(
        name: .customLong("pooling"),
        help: "What embeddings are the mean of: 'mean', 'cls' or 'last' (default: the model's)."
    )
    var pooling: PoolingName?
    @Option(
        name: .customLong("num_threads"),
        help: "Compute threads (default: the fewest of CPU affinity, cgroup quota and physical cores)."
    )
    var threads: Int?

    @Option(name: .customLong("max_beam_width"), help: "Most beams of a request with use_beam_search.")
    var maxBeamWidth: Int?
    @Option(name: .customLong("max_batch_size"), help: "Most sequences computed at once (default: 2048).")
    var maxBatchSize: Int?
    @Option(name: .customLong("max_num_tokens"), help: "Most tokens in one iteration (default: 8192).")
    var maxNumTokens: Int?
    @Option(
        name: .customLong("max_seq_len"),
        help: "Longest sequence, prompt and output (default: the model's context)."
    )
    var maxSequenceLength: Int?
    @Option(name: .customLong("max_queue_size"), help: "Most requests that wait; more get status 429 (default: 1024).")
    var maxQueueSize: Int?
    @Option(
        name: [.customLong("kv_cache_free_gpu_memory_fraction"), .customLong("free_gpu_memory_fraction")],
        help: "Share of the free host memory that the KV cache may take (default: 0.9)."
    )
    var memoryFraction: Double?
    @Option(
        name: .customLong("kv_cache_dtype"),
        help: "How the KV cache stores numbers: 'auto' (bfloat16), 'bfloat16', 'int8' or 'float32'."
    )
    var kvCacheType: KVCacheTypeName?
    @Option(
        name: .customLong("quantization"),
        help: "What becomes of weights that are stored as floats (default: NO_QUANT)."
    )
    var quantization: WeightQuantization.Algorithm?
    @Flag(
        name: .customLong("enable_chunked_prefill"),
        help: "Compute long prompts in chunks; on by default, off only by YAML."
    )
    var enableChunkedPrefill = false

    @Option(
        name: .customLong("profile_dir"),
        help: "Directory for the profiles of /start_profile (default: none can be taken)."
    )
    var profileDirectory: String?
    @Option(
        name: .customLong("num_postprocess_workers"),
        help: "Accepted for compatibility; text is always made off the engine's thread."
    )
    var postprocessWorkers: Int?
    @Flag(name: .customLong("trust_remote_code"), help: "Accepted for compatibility; no model brings code to run.")
    var trustRemoteCode = false
    @Option(
        name: [.customLong("extra_llm_api_options"), .customLong("config")],
        help: "YAML file whose keys override these options."
    )
    var optionsFile: String?
    @OptionGroup(title: "Adapters") var adapters: AdapterOptions
    @OptionGroup(title: "Keys") var keys: KeyOptions
    @OptionGroup(title: "Ranks") var ranks: RankOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions

    /// Checks ranges, so that a bad value is a usage error.
    package mutating func validate() throws {
        for (name, value, range) in integers { try OptionRange.check(name, value, in: range) }
        if let name = servedModelName, !(1...RequestLimits().modelNameBytes).contains(name.utf8.count) {
            throw ValidationError(
                "--served_model_name has \(name.utf8.count) bytes, but must have from 1 to \(RequestLimits().modelNameBytes)"
            )
        }
        do throws(OutputFormat.Failure) {
            try OutputFormat.check(toolParser: toolParser, reasoningParser: reasoningParser)
        } catch {
            throw ValidationError(error.description)
        }
        if let memoryFraction, !(memoryFraction > 0 && memoryFraction <= 1) {
            throw ValidationError(
                "--kv_cache_free_gpu_memory_fraction is \(memoryFraction), but must be above 0 and at most 1"
            )
        }
    }

    private var integers: [(name: String, value: Int?, range: ClosedRange<Int>)] {
        [
            ("--port", port, OptionRange.port),
            ("--num_threads", threads, OptionRange.threads),
            ("--max_beam_width", maxBeamWidth, OptionRange.parallelSize),
            ("--max_batch_size", maxBatchSize, OptionRange.count),
            ("--max_num_tokens", maxNumTokens, OptionRange.tokens),
            ("--max_seq_len", maxSequenceLength, OptionRange.tokens),
            ("--max_queue_size", maxQueueSize, OptionRange.count),
            ("--num_postprocess_workers", postprocessWorkers, OptionRange.unusedCount),
        ]
    }
}
