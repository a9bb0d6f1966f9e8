internal import OrderedJSON

extension HuggingFaceKeys {
    /// The mixture of experts; `nil` for a dense model.
    func experts(feedForwardLength: Int) throws(CheckpointError) -> ExpertConfiguration? {
        let countKey = name("num_experts", "num_local_experts", "n_routed_experts")
        guard let count = try file.integer(countKey, in: 0...1 << 16), count > 0 else { return nil }
        let usedKey = name("num_experts_per_tok", "experts_per_token")
        let used = try size(usedKey, limit: 1 << 16)
        guard used <= count else {
            throw file.outOfRange(usedKey, "\(used)", "at most \(count), the number of experts")
        }
        let width = try size("moe_intermediate_size", limit: 1 << 24, fallback: feedForwardLength)
        var experts = ExpertConfiguration(count: count, perToken: used, feedForwardLength: width)
        switch architecture {
        case .llama: experts.normalizesWeights = true
        case .graniteMoE, .gptOSS: experts.gating = .softmaxOfChosen
        case .deepseek2: try addDeepSeek(to: &experts)
        default:
            experts.normalizesWeights = try flag("norm_topk_prob")
            if let width = try file.integer("shared_expert_intermediate_size", in: 0...1 << 24), width > 0 {
                experts.sharedCount = 1
                experts.sharedFeedForwardLength = width
            }
            experts.layerStep = try size("decoder_sparse_step", limit: 4096, fallback: 1)
            experts.denseLayerCount = try leadingDenseLayers()
        }
        return experts
    }

    /// DeepSeek's shared experts, groups and ways of choosing.
    private func addDeepSeek(to experts: inout ExpertConfiguration) throws(CheckpointError) {
        experts.sharedCount = try file.integer("n_shared_experts", in: 0...1 << 10) ?? 0
        experts.sharedFeedForwardLength = experts.sharedCount * experts.feedForwardLength
        experts.denseLayerCount = try file.integer("first_k_dense_replace", in: 0...4096) ?? 0
        experts.weightScale = try positive("routed_scaling_factor") ?? 1
        let isThird = className.hasPrefix("DeepseekV3")
        experts.hasSelectionBias = isThird
        experts.gating = isThird ? .sigmoid : .softmax
        // The second version's program never divides by the sum.
        experts.normalizesWeights = isThird ? try file.bool("norm_topk_prob") != false : false
        let isGrouped = try file.string("topk_method") == "group_limited_greedy"
        guard isThird || isGrouped else { return }
        experts.groupCount = try size("n_group", limit: experts.count, fallback: 1)
        experts.groupsUsed = try size("topk_group", limit: experts.groupCount, fallback: 1)
        guard experts.count % experts.groupCount == 0 else {
            throw file.outOfRange(
                "n_group",
                "\(experts.groupCount)",
                "a divisor of the number of experts, \(experts.count)"
            )
        }
    }

    /// How many layers before all others have no experts (`mlp_only_layers`).
    private func leadingDenseLayers() throws(CheckpointError) -> Int {
        guard let layers = try file.numbers("mlp_only_layers"), !layers.isEmpty else { return 0 }
        guard layers == (0..<layers.count).map(Double.init) else {
            throw file.outOfRange("mlp_only_layers", "a list of \(layers.count)", "the first layers in order")
        }
        return layers.count
    }

    /// The sizes of latent attention; `nil` for attention with keys and values of their own.
    func latent() throws(CheckpointError) -> LatentAttentionConfiguration? {
        guard architecture == .deepseek2 else { return nil }
        return LatentAttentionConfiguration(
            queryRank: try file.integer("q_lora_rank", in: 0...1 << 20) ?? 0,
            keyValueRank: try size("kv_lora_rank", limit: 1 << 20),
            plainLength: try size("qk_nope_head_dim", limit: 1 << 15),
            rotaryLength: try size("qk_rope_head_dim", limit: 1 << 15),
            valueLength: try size("v_head_dim", limit: 1 << 15)
        )
    }
}
