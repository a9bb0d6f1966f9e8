/// What the tensors of one layer of a Hugging Face checkpoint are to the model.
struct HuggingFaceLayerNames {
    let configuration: ModelConfiguration
    let layer: Int
    let sizes: AttentionSizes
    /// Whether all experts' matrices have output features first: quantized ones do.
    let hasOutputFirst: Bool

    /// What most families call the parts of a layer, and what they are to the model.
    private static let common = [
        "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "ln_1": "attn_norm", "ln_2": "ffn_norm",
        "pre_feedforward_layernorm": "ffn_norm", "post_feedforward_layernorm": "post_ffw_norm",
        // Falcon's large models.
        "ln_mlp": "attn_norm", "ln_attn": "attn_norm_2",
        "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
        "attention.dense": "attn_output", "self_attention.dense": "attn_output",
        "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
        "mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down",
        "mlp.dense_h_to_4h": "ffn_up", "mlp.dense_4h_to_h": "ffn_down",
        // Latent attention.
        "self_attn.q_a_proj": "attn_q_a", "self_attn.q_a_layernorm": "attn_q_a_norm", "self_attn.q_b_proj": "attn_q_b",
        "self_attn.kv_a_proj_with_mqa": "attn_kv_a_mqa", "self_attn.kv_a_layernorm": "attn_kv_a_norm",
        // Mixtures of experts.
        "mlp.gate": "ffn_gate_inp", "mlp.router": "ffn_gate_inp", "block_sparse_moe.gate": "ffn_gate_inp",
        "block_sparse_moe.router.layer": "ffn_gate_inp", "block_sparse_moe.output_linear": "ffn_down_exps",
        "mlp.shared_expert_gate": "ffn_gate_inp_shexp",
        "mlp.shared_expert.gate_proj": "ffn_gate_shexp", "mlp.shared_expert.up_proj": "ffn_up_shexp",
        "mlp.shared_expert.down_proj": "ffn_down_shexp", "mlp.shared_experts.gate_proj": "ffn_gate_shexp",
        "mlp.shared_experts.up_proj": "ffn_up_shexp", "mlp.shared_experts.down_proj": "ffn_down_shexp",
        // BERT.
        "attention.self.query": "attn_q", "attention.self.key": "attn_k", "attention.self.value": "attn_v",
        "attention.output.dense": "attn_output", "attention.output.LayerNorm": "attn_output_norm",
        "intermediate.dense": "ffn_up", "output.dense": "ffn_down", "output.LayerNorm": "layer_output_norm",
    ]

    /// What an expert's matrices are called.
    private static let experts = [
        "gate_proj": "ffn_gate_exps", "up_proj": "ffn_up_exps", "down_proj": "ffn_down_exps", "w1": "ffn_gate_exps",
        "w3": "ffn_up_exps", "w2": "ffn_down_exps",
    ]

    private var prefix: String { "blk.\(layer)." }

    /// What a tensor is; `nil` if it isn't known.
    func targets(of name: Substring, shape: [Int]) -> [TensorTarget]? {
        if let special = withoutSuffix(name, shape: shape) { return special }
        guard let (module, suffix) = HuggingFaceTensorNames.split(name) else { return nil }
        if let fused = fused(module, suffix: suffix) { return fused }
        for experts in ["mlp.experts.", "block_sparse_moe.experts."] {
            guard let place = LayerName(module, prefix: experts), let name = Self.experts[String(place.rest)] else {
                continue
            }
            return [TensorTarget(prefix + name + suffix, index: place.layer)]
        }
        for (norms, name) in [("q_layernorm", "attn_q_norm"), ("k_layernorm", "attn_k_norm")] {
            let start = "self_attn.\(norms).norms."
            guard module.hasPrefix(start), let head = Int(module.dropFirst(start.count)), head >= 0 else { continue }
            return [TensorTarget(prefix + name + suffix, index: head)]
        }
        guard let name = own(module) ?? Self.common[String(module)] else { return nil }
        var target = TensorTarget(prefix + name + suffix)
        target.isTransposed = isTransposed(module, suffix)
        return [target]
    }

    /// What some families mean by a common name.
    private func own(_ module: Substring) -> String? {
        switch (configuration.architecture, module) {
        case (.gemma2, "post_attention_layernorm"), (.gemma3, "post_attention_layernorm"),
            (.olmo2, "post_attention_layernorm"):
            "post_attention_norm"
        case (.gpt2, "attn.c_proj"): "attn_output"
        default: nil
        }
    }

    /// GPT-2 stores matrices with input features first.
    private func isTransposed(_ module: Substring, _ suffix: String) -> Bool {
        configuration.architecture == .gpt2 && suffix == ".weight" && module.contains(".c_")
    }

    /// The parts of a fused matrix or its bias.
    private func fused(_ module: Substring, suffix: String) -> [TensorTarget]? {
        let width = configuration.feedForwardLengths[layer]
        switch module {
        case "self_attn.qkv_proj":
            return TensorTarget.queryKeyValue(sizes, prefix: prefix, suffix: suffix)
        case "attn.c_attn":
            let isTransposed = suffix == ".weight"
            return TensorTarget.queryKeyValue(sizes, prefix: prefix, suffix: suffix, isTransposed: isTransposed)
        case "attention.query_key_value", "self_attention.query_key_value":
            return TensorTarget.interleavedQueryKeyValue(sizes, prefix: prefix, suffix: suffix)
        case "mlp.gate_up_proj":
            return TensorTarget.gateUp(width: width, prefix: prefix, suffix: suffix)
        case "self_attn.kv_b_proj":
            guard let latent = configuration.latent, suffix == ".weight" else { return nil }
            return TensorTarget.latentHeads(latent, heads: sizes.headCount, prefix: prefix)
        default: return nil
        }
    }

    /// Names that don't end in ".weight" or ".bias", and those of tensors with all experts in one.
    private func withoutSuffix(_ name: Substring, shape: [Int]) -> [TensorTarget]? {
        switch name {
        case "self_attn.sinks": return [TensorTarget(prefix + "attn_sinks.weight")]
        case "mlp.gate.e_score_correction_bias": return [TensorTarget(prefix + "exp_probs_b.bias")]
        case "mlp.experts.gate_up_proj": return alternating(shape, suffix: ".weight", isTransposed: !hasOutputFirst)
        case "mlp.experts.gate_up_proj_bias": return alternating(shape, suffix: ".bias", isTransposed: false)
        case "mlp.experts.down_proj_bias": return [TensorTarget(prefix + "ffn_down_exps.bias")]
        case "mlp.experts.down_proj":
            return entries(shape).map { expert in
                var target = TensorTarget(prefix + "ffn_down_exps.weight")
                target.isTransposed = !hasOutputFirst
                return target.ofExpert(expert)
            }
        case "block_sparse_moe.input_linear.weight":
            let width = configuration.experts?.feedForwardLength ?? 0
            return TensorTarget.expertsGateUp(width: width, experts: entries(shape), prefix: prefix)
        default: return nil
        }
    }

    /// gpt-oss: gate and up projection of all experts, feature by feature in turn, input features first.
    private func alternating(_ shape: [Int], suffix: String, isTransposed: Bool) -> [TensorTarget] {
        let width = configuration.experts?.feedForwardLength ?? 0
        return entries(shape).flatMap { expert in
            ["ffn_gate_exps", "ffn_up_exps"].enumerated().map { start, name in
                let features = Selection(start: start, run: 1, stride: 2, count: width)
                return TensorTarget(prefix + name + suffix, rows: features, isTransposed: isTransposed).ofExpert(expert)
            }
        }
    }

    /// The experts of a tensor that has all of them, no more than there are.
    private func entries(_ shape: [Int]) -> Range<Int> {
        0..<min(shape.first ?? 0, configuration.experts?.count ?? 0)
    }
}
