internal import CommandSupport
internal import Generation
internal import Models

/// Every key the reference knows in its options file, and what becomes of it here; anything else is an error.
enum OptionCatalog {
    private static let off = OptionRule.only([.bool(false)])
    private static let absent = OptionRule.only([.mapping([]), .list([])])
    private static let auto = OptionRule.only([.string("auto")])
    private static let cacheType = OptionRule.used(.choice(KVCacheTypeName.allCases.map(\.rawValue)))
    private static let one = OptionRule.only([.integer(1)])
    private static let count = OptionRule.used(.integer(OptionRange.count))
    private static let size = OptionRule.used(.integer(OptionRange.parallelSize))
    private static let tokens = OptionRule.used(.integer(OptionRange.tokens))
    private static let unusedCount = OptionRule.noEffect(.integer(OptionRange.unusedCount))
    private static let adapterRank = OptionRule.used(.integer(AdapterOptions.ranks))
    private static let adapterCount = OptionRule.used(.integer(AdapterOptions.counts))
    private static let flag = OptionRule.used(.flag)
    private static let unused = OptionRule.noEffect(.anything)
    private static let unusedFlag = OptionRule.noEffect(.flag)

    /// The top level.
    static let root: [String: OptionRule] = engine.merging(build) { first, _ in first }

    private static let engine: [String: OptionRule] = [
        "backend": .used(.choice(BackendName.allCases.map(\.rawValue))),
        "max_batch_size": count, "max_num_tokens": tokens, "max_seq_len": tokens, "max_beam_width": size,
        "tensor_parallel_size": size, "pipeline_parallel_size": size, "moe_expert_parallel_size": size,
        "free_gpu_memory_fraction": .used(.fraction),
        "kv_cache_config": .section(kvCache), "scheduler_config": .section(scheduler),
        "pytorch_backend_config": .section(pytorch),
        "enable_chunked_prefill": flag, "enable_iter_perf_stats": flag, "enable_iter_req_stats": flag,
        "iter_stats_max_iterations": count, "stream_interval": count,
        "request_stats_max_iterations": unusedCount,
        "print_iter_log": flag, "guided_decoding_backend": .noEffect(.choice(["xgrammar", "llguidance"])),
        "reasoning_parser": .used(.choice(OutputFormat.reasoningParsers)),
        "speculative_config": absent, "decoding_config": absent, "cache_transceiver_config": absent,
        "disagg_cluster": absent, "return_perf_metrics": flag,
        "perf_metrics_max_requests": .used(.integer(OptionRange.unusedCount)),
        "context_parallel_size": one, "moe_tensor_parallel_size": size, "moe_cluster_parallel_size": size,
        "enable_attention_dp": off, "cp_config": absent, "auto_parallel": off, "auto_parallel_world_size": one,
        "enable_lora": flag, "max_lora_rank": adapterRank, "max_loras": adapterCount,
        "max_cpu_loras": adapterCount, "lora_config": .section(adapters), "peft_cache_config": absent,
        "normalize_log_probs": off, "batching_type": .only([.string("INFLIGHT")]),
        "gather_generation_logits": unusedFlag, "gpus_per_node": size,
        "pp_partition": .used(.integers(OptionRange.count)),
        "num_postprocess_workers": unusedCount, "postprocess_tokenizer_dir": absent,
        "trust_remote_code": unusedFlag, "disable_overlap_scheduler": unusedFlag, "attn_backend": unused,
        "enable_autotuner": unusedFlag, "allreduce_strategy": unused,
        "cuda_graph_config": .section(["batch_sizes": unused, "max_batch_size": unused, "enable_padding": unused]),
        "moe_config": .section(["backend": unused, "max_num_tokens": unused, "load_balancer": unused]),
        "torch_compile_config": .section([
            "enable_fullgraph": unused, "enable_inductor": unused, "enable_piecewise_cuda_graph": unused,
            "enable_userbuffers": unused, "max_num_streams": unused, "capture_num_tokens": unused,
        ]),
    ]

    private static let build: [String: OptionRule] = [
        "model": absent, "tokenizer": absent, "tokenizer_mode": auto, "skip_tokenizer_init": off, "dtype": auto,
        "revision": .used(.text), "tokenizer_revision": absent, "load_format": auto, "checkpoint_format": absent,
        "max_input_len": .only([.integer(1024)]), "quant_config": .section(quantization), "calib_config": absent,
        "build_config": absent, "enable_build_cache": flag, "embedding_parallel_mode": unused,
        "fast_build": unusedFlag, "workspace": unused, "extended_runtime_perf_knob_config": unused,
    ]

    private static let quantization: [String: OptionRule] = [
        "quant_algo": .used(.choice(WeightQuantization.Algorithm.allCases.map(\.rawValue))),
        "kv_cache_quant_algo": .used(.choice(CacheQuantizationName.allCases.map(\.rawValue))),
        "group_size": .used(.oneOf(WeightQuantization.groupSizes)), "exclude_modules": .used(.texts),
        "smoothquant_val": .only([.number(0.5)]), "clamp_val": absent, "use_meta_recipe": off,
        "has_zero_point": off, "pre_quant_scale": off,
    ]

    private static let kvCache: [String: OptionRule] = [
        "enable_block_reuse": flag, "max_tokens": .used(.integer(OptionRange.cacheTokens)),
        "free_gpu_memory_fraction": .used(.fraction),
        "tokens_per_block": .used(.integer(OptionRange.tokensPerBlock, multipleOf: 32)),
        "max_gpu_total_bytes": .used(.integer(OptionRange.cacheBytes)),
        "max_attention_window": absent, "sink_token_length": .only([.integer(0)]),
        "host_cache_size": .only([.integer(0)]), "onboard_blocks": unusedFlag, "cross_kv_cache_fraction": absent,
        "secondary_offload_min_priority": absent, "event_buffer_max_size": .used(.integer(OptionRange.unusedCount)),
        "enable_partial_reuse": .only([.bool(true)]), "copy_on_partial_reuse": unusedFlag,
        "dtype": cacheType,
        "use_uvm": unusedFlag, "attention_dp_events_gather_period_ms": unused, "mamba_ssm_cache_dtype": unused,
        "use_kv_cache_manager_v2": unusedFlag, "max_util_for_resume": .only([.number(0.95)]),
    ]

    private static let adapters: [String: OptionRule] = [
        "lora_dir": .used(.texts), "max_lora_rank": adapterRank, "max_loras": adapterCount,
        "max_cpu_loras": adapterCount, "lora_target_modules": .used(.texts), "trtllm_modules_to_hf_modules": absent,
        "lora_ckpt_source": .only([.string("hf")]), "swap_gate_up_proj_lora_b_weight": unusedFlag,
    ]

    private static let scheduler: [String: OptionRule] = [
        "capacity_scheduler_policy": .used(.choice(["GUARANTEED_NO_EVICT", "MAX_UTILIZATION", "STATIC_BATCH"])),
        "context_chunking_policy": absent,
        "dynamic_batch_config": .section(
            [
                "enable_batch_size_tuning": unusedFlag, "enable_max_num_tokens_tuning": unusedFlag,
                "dynamic_batch_moving_average_window": unusedCount,
            ],
            required: [
                "enable_batch_size_tuning", "enable_max_num_tokens_tuning", "dynamic_batch_moving_average_window",
            ],
        ),
    ]

    private static let pytorch: [String: OptionRule] = [
        "enable_iter_perf_stats": flag, "enable_iter_req_stats": flag, "stream_interval": count,
        "print_iter_log": flag, "kv_cache_dtype": cacheType, "load_format": auto, "extra_resource_managers": absent,
        "use_cuda_graph": unused, "cuda_graph_batch_sizes": unused, "cuda_graph_max_batch_size": unused,
        "cuda_graph_padding_enabled": unused, "enable_overlap_scheduler": unusedFlag,
        "disable_overlap_scheduler": unusedFlag, "moe_max_num_tokens": unused, "moe_load_balancer": unused,
        "moe_backend": unused, "attn_backend": unused, "mixed_sampler": unusedFlag,
        "enable_trtllm_sampler": unusedFlag, "torch_compile_enabled": unused, "torch_compile_fullgraph": unused,
        "torch_compile_inductor_enabled": unused, "torch_compile_piecewise_cuda_graph": unused,
        "torch_compile_enable_userbuffers": unused, "autotuner_enabled": unusedFlag,
        "enable_layerwise_nvtx_marker": unusedFlag, "enable_min_latency": unusedFlag, "allreduce_strategy": unused,
    ]
}
