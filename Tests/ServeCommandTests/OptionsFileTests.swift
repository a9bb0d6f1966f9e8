import Testing
import trtllm_serve

@Suite struct OptionsFileTests {
    @Test(arguments: ["", "\n", "# nothing\n", "null", "---\n"]) func emptyFileIsNoOptions(yaml: String) throws {
        let file = try OptionsFile(yaml: yaml, file: "f")
        #expect(file.integer("max_batch_size") == nil)
        #expect(!file.hasSection("kv_cache_config"))
    }

    @Test func valuesAreFoundUnderTheirPath() throws {
        let yaml = """
            max_batch_size: 7
            kv_cache_config:
              free_gpu_memory_fraction: 0.25
              enable_block_reuse: false
            pytorch_backend_config: {enable_iter_perf_stats: true, stream_interval: 3}
            scheduler_config: {capacity_scheduler_policy: MAX_UTILIZATION}
            """
        let file = try OptionsFile(yaml: yaml, file: "f")
        #expect(file.integer("max_batch_size") == 7)
        #expect(file.number("kv_cache_config.free_gpu_memory_fraction") == 0.25)
        #expect(file.flag("kv_cache_config.enable_block_reuse") == false)
        #expect(file.flag("enable_iter_perf_stats", "pytorch_backend_config.enable_iter_perf_stats") == true)
        #expect(file.integer("stream_interval", "pytorch_backend_config.stream_interval") == 3)
        #expect(file.text("scheduler_config.capacity_scheduler_policy") == "MAX_UTILIZATION")
        #expect(file.hasSection("kv_cache_config"))
        #expect(file.notes.isEmpty)
    }

    @Test(arguments: [
        ("no_such_key: 1", "unknown key 'no_such_key'"),
        ("kv_cache_config: {nope: 1}", "unknown key 'kv_cache_config.nope'"),
        ("cuda_graph_config: {nope: 1}", "unknown key 'cuda_graph_config.nope'"),
        ("max_batch_size: many", "max_batch_size is 'many', but must be an integer from 1 to 1048576"),
        ("max_batch_size: 0", "max_batch_size is 0, but must be an integer from 1 to 1048576"),
        ("max_batch_size: \"8\"", "max_batch_size is '8', but must be an integer from 1 to 1048576"),
        ("max_batch_size: 1.5", "max_batch_size is 1.5, but must be an integer from 1 to 1048576"),
        ("enable_iter_perf_stats: 1", "enable_iter_perf_stats is 1, but must be true or false"),
        (
            "kv_cache_config: {free_gpu_memory_fraction: 1.5}",
            "kv_cache_config.free_gpu_memory_fraction is 1.5, but must be a number above 0 and at most 1"
        ),
        ("kv_cache_config: 3", "kv_cache_config is 3, but must be a mapping"),
        ("scheduler_config: {capacity_scheduler_policy: SOMETIMES}", "SOMETIMES"),
        (
            "scheduler_config: {dynamic_batch_config: {enable_batch_size_tuning: true}}",
            "scheduler_config.dynamic_batch_config.enable_max_num_tokens_tuning is absent"
        ),
        (
            "guided_decoding_backend: outlines",
            "guided_decoding_backend is 'outlines', but must be one of xgrammar, llguidance"
        ),
        ("speculative_config: {decoding_type: MTP}", "speculative_config: {decoding_type: 'MTP'} is not supported yet"),
        ("kv_cache_config: {host_cache_size: 5}", "kv_cache_config.host_cache_size: 5 is not supported yet"),
        ("kv_cache_config: {dtype: fp8}", "kv_cache_config.dtype is 'fp8', but must be one of auto, bfloat16, int8"),
        ("dtype: float16", "dtype: 'float16' is not supported yet"),
        (
            "quant_config: {quant_algo: NVFP4}",
            "quant_config.quant_algo is 'NVFP4', but must be one of W8A16, W4A16, W4A16_AWQ, W8A8_SQ_PER_CHANNEL, FP8, NO_QUANT"
        ),
        (
            "quant_config: {kv_cache_quant_algo: FP8}",
            "quant_config.kv_cache_quant_algo is 'FP8', but must be one of INT8, NO_QUANT"
        ),
        ("quant_config: {group_size: 48}", "quant_config.group_size is 48, but must be one of 32, 64, 128"),
        (
            "quant_config: {exclude_modules: [lm_head, 3]}",
            "quant_config.exclude_modules is ['lm_head', 3], but must be a list of strings"
        ),
        ("quant_config: {has_zero_point: true}", "quant_config.has_zero_point: true is not supported yet"),
        ("[1, 2]", "f is not a YAML mapping of options: it is [1, 2]"),
        ("a: [", "f is not a YAML mapping of options: did not find expected node content in line 2, column 1"),
        ("max_batch_size: 1\nmax_batch_size: 2", "the key 'max_batch_size' is there more than once"),
        ("max_batch_size: 9223372036854775807:9223372036854775807", "must be an integer from 1 to 1048576"),
        ("max_batch_size: -9223372036854775808", "must be an integer from 1 to 1048576"),
        ("max_seq_len: 9223372036854775807", "max_seq_len is 9223372036854775807, but must be an integer from 1 to"),
        ("kv_cache_config: {tokens_per_block: 2147483648}", "must be a multiple of 32 from 32 to 65536"),
        ("kv_cache_config: {tokens_per_block: 33}", "must be a multiple of 32 from 32 to 65536"),
        ("kv_cache_config: {max_tokens: 9223372036854775807}", "must be an integer from 1 to 1099511627776"),
        ("kv_cache_config: {max_gpu_total_bytes: 9223372036854775807}", "must be an integer from 0 to"),
    ]) func badFilesNameTheirKey(yaml: String, words: String) {
        #expect {
            try OptionsFile(yaml: yaml, file: "f")
        } throws: { "\($0)".contains(words) }
    }

    @Test func askingForNothingIsAccepted() throws {
        let yaml = """
            guided_decoding_backend: null
            speculative_config: {}
            dtype: auto
            tensor_parallel_size: 1
            kv_cache_config: {host_cache_size: 0, enable_partial_reuse: true, dtype: auto, max_attention_window: null}
            enable_lora: false
            """
        #expect(try OptionsFile(yaml: yaml, file: "f").notes.isEmpty)
    }

    @Test func whatOtherEnginesNeedIsNoted() throws {
        let yaml = """
            cuda_graph_config: {enable_padding: true, batch_sizes: [1, 2]}
            attn_backend: FLASHINFER
            guided_decoding_backend: xgrammar
            """
        let notes = try OptionsFile(yaml: yaml, file: "f").notes
        #expect(notes.count == 4)
        #expect(notes.contains { $0.contains("cuda_graph_config.batch_sizes") })
    }

    @Test func missingFileIsNamed() {
        #expect {
            try OptionsFile(path: "/nonexistent.yaml")
        } throws: { "\($0)".contains("/nonexistent.yaml") }
    }
}
