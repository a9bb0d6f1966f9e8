import ArgumentParser
import Checkpoints
import CommandSupport
import Models
import Testing
import trtllm_serve

/// The settings of a command line and a file.
private func configuration(_ arguments: [String], _ yaml: String = "") throws -> ServeConfiguration {
    try ServeConfiguration(ServeOptions.parse(["dir/model.gguf"] + arguments), OptionsFile(yaml: yaml, file: "f"))
}

@Suite struct ServeConfigurationTests {
    @Test func defaultsAreTheReferences() throws {
        let settings = try configuration([])
        #expect(settings.host == "localhost")
        #expect(settings.port == 8000)
        #expect(settings.maxBatchSize == 2048)
        #expect(settings.maxNumTokens == 8192)
        #expect(settings.maxSequenceLength == nil)
        #expect(settings.kvCache.memoryFraction == 0.9)
        #expect(!settings.kvCache.isFractionGiven)
        #expect(settings.kvCache.tokensPerBlock == 32)
        #expect(settings.collectsStatistics)
        #expect(settings.servedModelName == "model.gguf")
    }

    @Test(arguments: [
        ([], "", false, 64, 0, 0), (["--enable_lora", "--max_loras", "6"], "", true, 64, 6, 6),
        (["--max_lora_rank", "8"], "enable_lora: true", true, 8, 4, 4),
        (["--enable_lora"], "enable_lora: false", false, 64, 0, 0),
        (["--max_loras", "2"], "lora_config: {max_lora_rank: 16, max_cpu_loras: 9}", true, 16, 2, 9),
        (["--lora_modules", "a=/b=c"], "max_loras: 1", true, 64, 1, 4),
        (["--allow_runtime_lora_updating"], "", true, 64, 4, 4),
    ]) func adaptersAreMerged(
        arguments: [String],
        yaml: String,
        isEnabled: Bool,
        rank: Int,
        atOnce: Int,
        held: Int,
    ) throws {
        let adapters = try configuration(arguments, yaml).adapters
        #expect(adapters.isEnabled == isEnabled)
        #expect([adapters.maxRank, adapters.maxAtOnce, adapters.maxHeld] == [rank, atOnce, held])
        #expect(adapters.modules.map(\.path) == (arguments.first == "--lora_modules" ? ["/b=c"] : []))
    }

    @Test(arguments: [
        ("enable_lora: true\nmax_loras: 5\nmax_cpu_loras: 4", "max_cpu_loras"),
        ("lora_config: {lora_target_modules: [attn_x]}", "attn_x"), ("lora_config: {lora_dir: [/nowhere]}", "/nowhere"),
        ("lora_config: {lora_rank: 5}", "lora_rank"), ("lora_config: {max_lora_rank: 0}", "max_lora_rank"),
        ("lora_config: {lora_ckpt_source: nemo}", "nemo"),
    ]) func adaptersThatCantBeAreRefused(yaml: String, words: String) {
        #expect {
            try configuration([], yaml)
        } throws: {
            "\($0)".contains(words)
        }
    }

    @Test(arguments: [
        ([], "", KVCacheTypeName.auto), (["--kv_cache_dtype", "int8"], "", .int8),
        (["--kv_cache_dtype", "int8"], "kv_cache_config: {dtype: bfloat16}", .bfloat16),
        ([], "pytorch_backend_config: {kv_cache_dtype: int8}", .int8),
    ]) func cacheTypeIsChosen(arguments: [String], yaml: String, expected: KVCacheTypeName) throws {
        #expect(try configuration(arguments, yaml).kvCache.type == expected)
    }

    @Test(arguments: [
        ([], "", WeightQuantization(.unquantized)), (["--quantization", "FP8"], "", WeightQuantization(.fp8)),
        (["--quantization", "FP8"], "quant_config: {quant_algo: W8A16}", WeightQuantization(.w8a16)),
        (
            ["--quantization", "W4A16"], "quant_config: {group_size: 128, exclude_modules: ['*down*', lm_head]}",
            WeightQuantization(.w4a16, groupSize: 128, exclusions: ["*down*", "lm_head"])
        ),
        ([], "quant_config: {quant_algo: W4A16, exclude_modules: []}", WeightQuantization(.w4a16, exclusions: [])),
    ]) func quantizationIsChosen(arguments: [String], yaml: String, expected: WeightQuantization) throws {
        #expect(try configuration(arguments, yaml).quantization == expected)
    }

    @Test func theCachesAlgorithmIsItsType() throws {
        #expect(try configuration([], "quant_config: {kv_cache_quant_algo: INT8}").kvCache.type == .int8)
        let both = "{quant_config: {kv_cache_quant_algo: INT8}, kv_cache_config: {dtype: bfloat16}}"
        #expect(try configuration([], both).kvCache.type == .bfloat16)
    }

    @Test(arguments: [
        ["--cors_origins", "example.com"], ["--cors_origins", "https://a.com/, https://b.com"],
        ["--cors_origins", "https://"], ["--allowed_hosts", "https://llm"], ["--allowed_hosts", "llm/v1"],
        ["--allowed_hosts", "a b"],
    ]) func namesThatNoBrowserSendsAreUsageErrors(arguments: [String]) {
        #expect {
            try configuration(arguments)
        } throws: {
            ServeOptions.message(for: $0).contains("\(arguments[0]) holds '")
        }
    }

    @Test(arguments: [
        ["--cors_origins", "*"], ["--cors_origins", "https://a.com:8443, chrome-extension://abc"],
        ["--allowed_hosts", "llm.default.svc, llm:8000,[::1]"], ["--allowed_hosts", "*"],
    ]) func namesThatBrowsersSendAreTaken(arguments: [String]) throws {
        _ = try configuration(arguments)
    }

    @Test func fileWinsOverFlags() throws {
        let arguments = ["--tp_size", "99", "--max_num_tokens", "5", "--max_batch_size=4", "--backend", "pytorch"]
        let settings = try configuration(
            arguments,
            "tensor_parallel_size: 1\nmax_num_tokens: 16384\nbackend: tensorrt"
        )
        #expect(settings.maxNumTokens == 16_384)
        #expect(settings.maxBatchSize == 4)
        #expect(settings.backend == .tensorrt)
    }

    @Test func sectionReplacesTheFlagOfItsKind() throws {
        let flag = ["--kv_cache_free_gpu_memory_fraction", "0.5"]
        #expect(try configuration(flag).kvCache.memoryFraction == 0.5)
        #expect(try configuration(flag).kvCache.isFractionGiven)
        let replaced = try configuration(flag, "kv_cache_config: {enable_block_reuse: false, max_tokens: 40000}")
        #expect(replaced.kvCache.memoryFraction == 0.9)
        #expect(!replaced.kvCache.isFractionGiven)
        #expect(replaced.kvCache.maxTokens == 40_000)
        #expect(!replaced.kvCache.enableBlockReuse)
        let given = try configuration(flag, "kv_cache_config: {free_gpu_memory_fraction: 0.1}")
        #expect(given.kvCache.memoryFraction == 0.1)
    }

    @Test func aRequestMayHaveAsManyBeamsAsTheFlagOrTheFileSays() throws {
        #expect(try configuration([]).maxBeamWidth == 1)
        #expect(try configuration(["--max_beam_width", "4"]).maxBeamWidth == 4)
        var given = try configuration(["--max_beam_width", "4"], "max_beam_width: 3")
        #expect(given.maxBeamWidth == 3)
        try given.fit(to: EngineLimits(maxBeamWidth: 5))
        #expect(given.maxBeamWidth == 3)
        var built = try configuration([])
        try built.fit(to: EngineLimits(maxBeamWidth: 5))
        #expect(built.maxBeamWidth == 5)
        #expect(throws: StartupError.self) { try given.fit(to: EngineLimits(maxBeamWidth: 2)) }
    }

    @Test(arguments: [
        ([], "", true),
        (["--backend", "tensorrt"], "", true),
        (["--backend", "trt"], "enable_iter_perf_stats: false", true),
        (["--backend", "pytorch"], "", false),
        (["--backend", "pytorch"], "enable_iter_perf_stats: true", true),
        (["--backend", "pytorch"], "pytorch_backend_config: {enable_iter_perf_stats: true}", true),
    ]) func statisticsFollowTheBackend(arguments: [String], yaml: String, collects: Bool) throws {
        #expect(try configuration(arguments, yaml).collectsStatistics == collects)
    }

    @Test(arguments: [
        ([String](), "scheduler_config: {capacity_scheduler_policy: STATIC_BATCH}", "STATIC_BATCH")
    ]) func whatIsNotBuiltIsRefusedByName(arguments: [String], yaml: String, name: String) {
        #expect {
            try configuration(arguments, yaml)
        } throws: { "\($0)".contains(name) && "\($0)".hasSuffix("is not supported yet") }
    }

    @Test(arguments: [
        ["--port", "0"], ["--port", "65536"], ["--max_batch_size", "0"], ["--num_threads", "0"], ["--backend", "cuda"],
        ["--kv_cache_free_gpu_memory_fraction", "1.5"], ["--kv_cache_free_gpu_memory_fraction", "nan"],
        ["--max_seq_len", "-1"], ["--log_level", "loud"], ["--served_model_name", ""],
        ["--served_model_name", String(repeating: "m", count: 257)],
        ["--max_body_bytes", "1000", "--max_pending_body_bytes", "999"],
    ]) func valuesOutOfRangeAreUsageErrors(arguments: [String]) {
        #expect {
            try configuration(arguments)
        } throws: { ServeOptions.exitCode(for: $0) == .validationFailure }
    }

    @Test(arguments: [
        ("dir/model.gguf", "model.gguf"), ("/a/b/", "b"), ("../x", "x"), ("org/name", "org/name"),
        ("org/name:Q4_K_M", "org/name:Q4_K_M"), ("gpt2", "gpt2"),
    ]) func namesOnAHubAreServedAsTheyAre(model: String, name: String) throws {
        let options = try ServeOptions.parse([model])
        #expect(try ServeConfiguration(options, OptionsFile()).servedModelName == name)
    }

    @Test(
        arguments: [
            ([], "", nil), (["--revision", "v1"], "", "v1"), (["--hf_revision", "v1"], "", "v1"),
            (["--revision", "v1"], "revision: v2", "v2"), (["--revision", "v1"], "revision: null", "v1"),
        ] as [([String], String, String?)]
    ) func revisionIsChosen(
        arguments: [String],
        yaml: String,
        expected: String?,
    ) throws {
        #expect(try configuration(arguments, yaml).revision == expected)
    }

    @Test func limitsThatAreGivenAreShownAtTheStart() throws {
        let settings = try configuration(["--max_stop_bytes", "99", "--allowed_hosts", "a,b"])
        let shown = Set(settings.metadata.map { "\($0.key)=\($0.value)" })
        #expect(shown.isSuperset(of: ["max_stop_bytes=99", "allowed_hosts=a,b"]))
        #expect(!settings.metadata.keys.contains("max_connections"))
    }

    @Test func firstArgumentDecidesTheSubcommand() throws {
        #expect(try CommandLineRules.completed(["m", "--port", "1"]) == ["serve", "m", "--port", "1"])
        #expect(try CommandLineRules.completed(["serve", "m"]) == ["serve", "m"])
        #expect(try CommandLineRules.completed(["tokenize", "m"]) == ["tokenize", "m"])
        #expect(try CommandLineRules.completed([]) == ["--help"])
        #expect(throws: ValidationError.self) { try CommandLineRules.completed(["--port", "1", "m"]) }
        #expect(throws: ValidationError.self) { try CommandLineRules.completed(["disaggregated"]) }
    }

    @Test func anEnginesLimitsAreTheDefaults() throws {
        var settings = try configuration([])
        try settings.fit(to: EngineLimits(maxBatchSize: 8, maxNumTokens: 512, maxSequenceLength: 100, maxBeamWidth: 1))
        #expect(settings.maxBatchSize == 8 && settings.maxNumTokens == 512 && settings.maxSequenceLength == 100)
        var free = try configuration(["--max_seq_len", "50"])
        try free.fit(to: EngineLimits())
        #expect(free.maxBatchSize == 2048 && free.maxNumTokens == 8192 && free.maxSequenceLength == 50)
    }

    @Test func lessThanAnEnginesLimitsCanBeAskedFor() throws {
        var settings = try configuration(["--max_batch_size", "2"], "max_seq_len: 64")
        try settings.fit(to: EngineLimits(maxBatchSize: 8, maxSequenceLength: 100))
        #expect(settings.maxBatchSize == 2 && settings.maxSequenceLength == 64)
    }

    @Test(arguments: [
        (["--max_batch_size", "9"], "", "max_batch_size"), (["--max_num_tokens", "9"], "", "max_num_tokens"),
        (["--max_seq_len", "9"], "", "max_seq_len"), ([], "max_batch_size: 9", "max_batch_size"),
    ]) func moreThanAnEnginesLimitsIsRefusedByName(arguments: [String], yaml: String, name: String) throws {
        var settings = try configuration(arguments, yaml)
        let error = #expect(throws: StartupError.self) {
            try settings.fit(to: EngineLimits(maxBatchSize: 8, maxNumTokens: 8, maxSequenceLength: 8))
        }
        #expect(error?.description == "\(name) is 9, but must be at most 8, which the engine was built for")
    }

    @Test(arguments: [
        ([], "", true), (["--backend", "trt"], "", true), (["--backend", "pytorch"], "", false),
        ([], "enable_build_cache: false", false), ([], "enable_build_cache: true", true),
    ]) func enginesAreCachedByTheDefaultBackend(arguments: [String], yaml: String, expected: Bool) throws {
        #expect(try configuration(arguments, yaml).cachesEngines == expected)
    }
}
