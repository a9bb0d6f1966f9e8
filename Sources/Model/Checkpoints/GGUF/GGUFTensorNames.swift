/// What the tensors of a GGUF file are to the model: mostly what their names say, but fused ones are taken apart.
struct GGUFTensorNames {
    let configuration: ModelConfiguration
    /// All names of the checkpoint.
    let names: Set<String>

    /// What a tensor is; several things if it is fused.
    func targets(of name: String) -> [TensorTarget] {
        // Read into the configuration.
        if [GGUFRopeFactors.shortName, GGUFRopeFactors.longName].contains(name) { return [] }
        guard let place = LayerName(name[...], prefix: "blk."),
            let sizes = AttentionSizes(configuration, layer: place.layer)
        else { return [TensorTarget(name)] }
        let prefix = "blk.\(place.layer)."
        switch place.rest {
        case "attn_qkv.weight", "attn_qkv.bias":
            return TensorTarget.queryKeyValue(sizes, prefix: prefix, suffix: suffix(place.rest))
        case "ffn_up.weight" where configuration.architecture == .phi3 && !names.contains(prefix + "ffn_gate.weight"):
            let width = configuration.feedForwardLengths[place.layer]
            return TensorTarget.gateUp(width: width, prefix: prefix, suffix: ".weight")
        case "attn_kv_b.weight":
            guard let latent = configuration.latent, !names.contains(prefix + "attn_k_b.weight") else { break }
            return TensorTarget.latentHeads(latent, heads: sizes.headCount, prefix: prefix)
        case "ffn_gate_up_exps.weight":
            guard let experts = configuration.experts else { break }
            let width = experts.feedForwardLength
            return TensorTarget.expertsGateUp(width: width, experts: 0..<experts.count, prefix: prefix)
        // The norm before gpt-oss's feed-forward part, which other files call so.
        case "post_attention_norm.weight" where configuration.architecture == .gptOSS:
            return [TensorTarget(prefix + "ffn_norm.weight")]
        default: break
        }
        return [TensorTarget(name)]
    }

    private func suffix(_ rest: Substring) -> String { rest.hasSuffix(".bias") ? ".bias" : ".weight" }
}
