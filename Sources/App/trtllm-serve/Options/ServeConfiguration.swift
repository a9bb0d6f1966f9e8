package import Checkpoints
package import CommandSupport
internal import Hub
package import Logging
package import Models
internal import Tensors

/// The settings the server runs with: flags and options file merged, defaults filled in, printed at start.
package struct ServeConfiguration: Sendable {
    /// How much memory the KV cache gets.
    package struct KVCache: Sendable, Hashable {
        /// Share of the free memory it may take.
        package var memoryFraction = 0.9
        /// Whether someone asked for that share; if nobody did, the pool stays under `KVCachePlan.defaultLimit`.
        package var isFractionGiven = false
        /// Most tokens, when limited.
        package var maxTokens: Int?
        /// Most bytes, when limited.
        package var maxBytes: Int?
        package var tokensPerBlock = 32
        package var enableBlockReuse = true
        /// Most events kept for the next read; 0: none is noted.
        package var eventCapacity = 0
        package var type = KVCacheTypeName.auto

        /// The defaults.
        package init() {}
    }

    package var model: String
    /// Which version of a model on a hub.
    package var revision: String?
    package var servedModelName: String
    package var host = "localhost"
    package var port = 8000
    package var backend = BackendName.tensorrt
    package var logLevel = LogLevelName.info
    /// A file's path or a template's text, as given.
    package var chatTemplate: String?
    /// The name of the format of calls; `nil`: as the chat template shows it.
    package var toolParser: String?
    /// The name of the format of thoughts; `nil`: as the chat template shows it.
    package var reasoningParser: String?
    /// A path or a name on a hub; `nil`: the model's own.
    package var tokenizer: String?
    /// Whether engines are found in the cache and left there.
    package var cachesEngines = true
    /// As given; the host decides otherwise.
    package var threads: Int?
    package var maxBatchSize = 2048
    package var maxNumTokens = 8192
    package var maxQueueSize = 1024
    package var maxBeamWidth = 1
    /// As given; the model decides otherwise.
    package var maxSequenceLength: Int?
    package var enableChunkedPrefill = true
    package var maxUtilization = false
    package var streamInterval = 1
    package var collectsStatistics = true
    package var collectsRequestStatistics = false
    package var statisticsCapacity = 1000
    /// Whether each iteration has a line in the log.
    package var logsIterations = false
    /// Most requests that `/perf_metrics` remembers.
    package var timedRequests = 0
    package var kvCache = KVCache()
    /// What becomes of weights that are stored as floats.
    package var quantization = WeightQuantization(.unquantized)
    /// How many processes compute the model together.
    package var ranks = RankSettings()
    /// Which LoRA adapters there are.
    package private(set) var adapters = AdapterSettings()
    /// Where profiles go; `nil`: none can be taken.
    package var profileDirectory: String?
    package var limits = LimitOptions()
    package var keys = KeyOptions()
    /// How a text's hidden states become its embedding; `nil`: as the model says.
    package var pooling: Pooling?
    /// What was asked for of that which engines limit.
    package var requested = EngineLimits()
    /// What was accepted but does nothing here.
    package var notes: [String]

    /// Merges: a key of the file replaces the flag of the same meaning, a section all flags of its kind.
    ///
    /// - Throws: `StartupError.notSupported` for what isn't built yet.
    package init(_ options: ServeOptions, _ file: OptionsFile) throws(StartupError) {
        model = options.model
        revision = file.text("revision") ?? options.revision
        servedModelName = options.servedModelName ?? Self.name(of: options.model)
        notes = file.notes
        chatTemplate = options.chatTemplate
        toolParser = options.toolParser
        reasoningParser = file.text("reasoning_parser") ?? options.reasoningParser
        tokenizer = options.tokenizer
        threads = options.threads
        limits = options.limits
        profileDirectory = options.profileDirectory
        keys = options.keys
        pooling = options.pooling?.pooling
        host = options.host ?? host
        port = options.port ?? port
        backend = file.text("backend").flatMap(BackendName.init) ?? options.backend ?? backend
        logLevel = options.logLevel ?? logLevel
        cachesEngines = backend != .pytorch && file.flag("enable_build_cache") ?? true
        requested = EngineLimits(
            maxBatchSize: file.integer("max_batch_size") ?? options.maxBatchSize,
            maxNumTokens: file.integer("max_num_tokens") ?? options.maxNumTokens,
            maxSequenceLength: file.integer("max_seq_len") ?? options.maxSequenceLength,
            maxBeamWidth: file.integer("max_beam_width") ?? options.maxBeamWidth
        )
        maxBatchSize = requested.maxBatchSize ?? maxBatchSize
        maxNumTokens = requested.maxNumTokens ?? maxNumTokens
        maxBeamWidth = requested.maxBeamWidth ?? maxBeamWidth
        maxQueueSize = options.maxQueueSize ?? maxQueueSize
        maxSequenceLength = requested.maxSequenceLength
        enableChunkedPrefill = file.flag("enable_chunked_prefill") ?? true
        streamInterval = file.integer("stream_interval", "pytorch_backend_config.stream_interval") ?? streamInterval
        takeStatistics(file)
        takeKVCache(options, file)
        takeQuantization(options, file)
        try takePolicy(file)
        ranks = try RankSettings(options.ranks, file)
        adapters = try AdapterSettings(options.adapters, file)
        noteFlagsWithoutEffect(options)
    }

    /// Takes an engine's limits: they are the defaults, and nothing beyond them can be had.
    ///
    /// - Throws: `StartupError.outOfRange` naming the option that asks for more.
    package mutating func fit(to limits: EngineLimits) throws(StartupError) {
        func fitted(_ name: String, _ asked: Int?, _ most: Int?) throws(StartupError) -> Int? {
            guard let asked, let most, asked > most else { return asked ?? most }
            throw .outOfRange(
                setting: name,
                value: "\(asked)",
                allowed: "at most \(most), which the engine was built for"
            )
        }
        maxBatchSize = try fitted("max_batch_size", requested.maxBatchSize, limits.maxBatchSize) ?? maxBatchSize
        maxNumTokens = try fitted("max_num_tokens", requested.maxNumTokens, limits.maxNumTokens) ?? maxNumTokens
        maxSequenceLength = try fitted("max_seq_len", requested.maxSequenceLength, limits.maxSequenceLength)
        maxBeamWidth = try fitted("max_beam_width", requested.maxBeamWidth, limits.maxBeamWidth) ?? maxBeamWidth
    }

    /// The settings as the log shows them.
    package var metadata: Logger.Metadata {
        [
            "model": "\(model)",
            "revision": "\(revision ?? "none")",
            "served_model_name": "\(servedModelName)",
            "host": "\(host)",
            "port": "\(port)",
            "backend": "\(backend.rawValue)",
            "max_batch_size": "\(maxBatchSize)",
            "max_num_tokens": "\(maxNumTokens)",
            "max_queue_size": "\(maxQueueSize)",
            "max_beam_width": "\(maxBeamWidth)",
            "max_seq_len": "\(maxSequenceLength.map(String.init) ?? "of the model")",
            "chunked_prefill": "\(enableChunkedPrefill)",
            "capacity_policy": "\(maxUtilization ? "MAX_UTILIZATION" : "GUARANTEED_NO_EVICT")",
            "kv_cache_fraction": "\(kvCache.memoryFraction)",
            "kv_cache_max_tokens": "\(kvCache.maxTokens.map(String.init) ?? "none")",
            "kv_cache_dtype": "\(kvCache.type.rawValue)",
            "quantization": "\(quantization.algorithm.rawValue)",
            "tokens_per_block": "\(kvCache.tokensPerBlock)",
            "block_reuse": "\(kvCache.enableBlockReuse)",
            "lora": "\(adapters.isEnabled)",
            "iteration_statistics": "\(collectsStatistics)",
            "iteration_log": "\(logsIterations)",
            "tp_size": "\(ranks.layout.tensorParallel)",
            "pp_size": "\(ranks.layout.pipelineParallel)",
            "ep_size": "\(ranks.layout.expertParallel)",
        ]
        .merging(limits.metadata) { own, _ in own }
    }

    /// What all ranks must have been started with, one `name=value` each.
    var rankFacts: [String] {
        [
            "version=\(programVersion)", "kernels (TRTLLM_SERVE_KERNELS)=\(KernelLevel.chosen)",
            "--kv_cache_dtype=\(kvCache.type.rawValue)",
            "--quantization=\(quantization)", "--max_batch_size=\(maxBatchSize)", "--max_num_tokens=\(maxNumTokens)",
            "--max_seq_len=\(maxSequenceLength.map(String.init) ?? "of the model")",
            "tokens_per_block=\(kvCache.tokensPerBlock)",
        ] + adapters.facts
    }

    private mutating func takeStatistics(_ file: OptionsFile) {
        let isAsked = file.flag("enable_iter_perf_stats", "pytorch_backend_config.enable_iter_perf_stats") ?? false
        collectsStatistics = backend != .pytorch || isAsked
        logsIterations = file.flag("print_iter_log", "pytorch_backend_config.print_iter_log") ?? false
        collectsRequestStatistics =
            collectsStatistics
            && file.flag("enable_iter_req_stats", "pytorch_backend_config.enable_iter_req_stats") ?? false
        if file.flag("return_perf_metrics") ?? false { timedRequests = file.integer("perf_metrics_max_requests") ?? 0 }
        statisticsCapacity = file.integer("iter_stats_max_iterations") ?? statisticsCapacity
    }

    private mutating func takeKVCache(_ options: ServeOptions, _ file: OptionsFile) {
        let flag = file.hasSection("kv_cache_config") ? nil : options.memoryFraction
        let fraction = file.number("kv_cache_config.free_gpu_memory_fraction", "free_gpu_memory_fraction") ?? flag
        kvCache.isFractionGiven = fraction != nil
        kvCache.memoryFraction = fraction ?? kvCache.memoryFraction
        kvCache.maxTokens = file.integer("kv_cache_config.max_tokens")
        kvCache.maxBytes = file.integer("kv_cache_config.max_gpu_total_bytes").flatMap { $0 == 0 ? nil : $0 }
        kvCache.tokensPerBlock = file.integer("kv_cache_config.tokens_per_block") ?? kvCache.tokensPerBlock
        let type = file.text("kv_cache_config.dtype", "pytorch_backend_config.kv_cache_dtype")
        let algorithm = file.text("quant_config.kv_cache_quant_algo").flatMap(CacheQuantizationName.init)
        kvCache.type = type.flatMap(KVCacheTypeName.init) ?? algorithm?.type ?? options.kvCacheType ?? kvCache.type
        kvCache.enableBlockReuse = file.flag("kv_cache_config.enable_block_reuse") ?? kvCache.enableBlockReuse
        kvCache.eventCapacity = file.integer("kv_cache_config.event_buffer_max_size") ?? kvCache.eventCapacity
    }

    private mutating func takeQuantization(_ options: ServeOptions, _ file: OptionsFile) {
        let algorithm = file.text("quant_config.quant_algo").flatMap(WeightQuantization.Algorithm.init)
        quantization = WeightQuantization(
            algorithm ?? options.quantization ?? .unquantized,
            groupSize: file.integer("quant_config.group_size") ?? WeightQuantization.groupSizes[0],
            exclusions: file.texts("quant_config.exclude_modules") ?? WeightQuantization.defaultExclusions
        )
    }

    private mutating func takePolicy(_ file: OptionsFile) throws(StartupError) {
        switch file.text("scheduler_config.capacity_scheduler_policy") {
        case "MAX_UTILIZATION": maxUtilization = true
        case "STATIC_BATCH": throw .notSupported("scheduler_config.capacity_scheduler_policy: STATIC_BATCH")
        default: maxUtilization = false
        }
    }

    private mutating func noteFlagsWithoutEffect(_ options: ServeOptions) {
        if options.trustRemoteCode { notes.append("--trust_remote_code has no effect here: no model brings code") }
        if options.postprocessWorkers != nil {
            notes.append("--num_postprocess_workers has no effect here: text is always made off the engine's thread")
        }
    }

    /// A path's last part, and all of a name on a hub.
    private static func name(of model: String) -> String {
        if !ModelLocation.isLocal(model), (try? HubModelName(model)) != nil { return model }
        return model.split(separator: "/").last.map(String.init) ?? model
    }
}
