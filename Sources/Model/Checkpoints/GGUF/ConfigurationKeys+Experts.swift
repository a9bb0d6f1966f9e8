extension ConfigurationKeys {
    /// The mixture of experts; `nil` for a dense model.
    func experts(feedForwardLength: Int, tensorNames: Set<String>) throws(CheckpointError) -> ExpertConfiguration? {
        guard let count = try integer("expert_count", in: 0...1 << 16), count > 0 else { return nil }
        let used = try size("expert_used_count", limit: 1 << 16)
        guard used <= count else { throw outOfRange("expert_used_count", "\(used)", "at most expert_count, \(count)") }
        let width = try size("expert_feed_forward_length", limit: 1 << 24, fallback: feedForwardLength)
        var experts = ExpertConfiguration(count: count, perToken: used, feedForwardLength: width)
        experts.sharedFeedForwardLength = try integer("expert_shared_feed_forward_length", in: 0...1 << 24) ?? 0
        experts.sharedCount =
            try integer("expert_shared_count", in: 0...1 << 10) ?? (experts.sharedFeedForwardLength > 0 ? 1 : 0)
        if experts.sharedFeedForwardLength == 0 { experts.sharedFeedForwardLength = experts.sharedCount * width }
        experts.gating = try gating()
        // What these families always do stands in no key.
        experts.normalizesWeights =
            try bool("expert_weights_norm") ?? [.llama, .qwen3MoE].contains(architecture)
        experts.weightScale = try positive("expert_weights_scale") ?? 1
        experts.denseLayerCount = try integer("leading_dense_block_count", in: 0...4096) ?? 0
        experts.layerStep = try size("moe_every_n_layers", limit: 4096, fallback: 1)
        experts.groupCount = try size("expert_group_count", limit: count, fallback: 1)
        experts.groupsUsed = try size("expert_group_used_count", limit: experts.groupCount, fallback: 1)
        guard count % experts.groupCount == 0 else {
            throw outOfRange("expert_group_count", "\(experts.groupCount)", "a divisor of expert_count, \(count)")
        }
        experts.hasSelectionBias = tensorNames.contains("blk.\(experts.denseLayerCount).exp_probs_b.bias")
        return experts
    }

    private func gating() throws(CheckpointError) -> ExpertConfiguration.Gating {
        switch try integer("expert_gating_func", in: 0...3) ?? 0 {
        case 1: .softmax
        case 2: .sigmoid
        case 3: .softmaxOfChosen
        default: [.graniteMoE, .gptOSS].contains(architecture) ? .softmaxOfChosen : .softmax
        }
    }

    /// The sizes of latent attention; `nil` for attention with keys and values of their own.
    ///
    /// Files for llama.cpp's absorbed attention state the latent's width as that of keys, and the heads' own beside it.
    func latent() throws(CheckpointError) -> LatentAttentionConfiguration? {
        guard architecture == .deepseek2 else { return nil }
        let keyName = value("attention.key_length_mla") == nil ? "attention.key_length" : "attention.key_length_mla"
        let valueName =
            value("attention.value_length_mla") == nil ? "attention.value_length" : "attention.value_length_mla"
        let key = try size(keyName, limit: 1 << 16)
        let rotary = try size("rope.dimension_count", limit: key)
        guard rotary < key else {
            throw outOfRange("rope.dimension_count", "\(rotary)", "less than \(keyName), \(key)")
        }
        return LatentAttentionConfiguration(
            queryRank: try integer("attention.q_lora_rank", in: 0...1 << 20) ?? 0,
            keyValueRank: try size("attention.kv_lora_rank", limit: 1 << 20),
            plainLength: key - rotary,
            rotaryLength: rotary,
            valueLength: try size(valueName, limit: 1 << 16)
        )
    }
}
