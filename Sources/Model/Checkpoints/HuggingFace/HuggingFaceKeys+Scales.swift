internal import Glibc

extension HuggingFaceKeys {
    /// What queries are multiplied with before they meet the keys.
    func attentionScale(keyLength: Int) throws(CheckpointError) -> Double {
        if let stated = try positive("attention_multiplier") { return stated }
        if let scalar = try positive("query_pre_attn_scalar") { return 1 / scalar.squareRoot() }
        let plain = 1 / Double(keyLength).squareRoot()
        // DeepSeek has YaRN's temperature in the scores rather than in the rotary part of a head alone.
        guard architecture == .deepseek2, let rope = try ropeObject(), try rope.string(ropeType(rope)) == "yarn",
            let factor = try rope.number("factor"), factor > 1, let scale = try rope.number("mscale_all_dim"),
            scale > 0,
            scale <= 1e3
        else { return plain }
        let temperature = 1 + 0.1 * scale * log(factor)
        return plain * temperature * temperature
    }

    /// What embeddings are multiplied with.
    func embeddingScale(width: Int) throws(CheckpointError) -> Double {
        switch architecture {
        case .gemma2, .gemma3: Double(width).squareRoot()
        default: try positive("embedding_multiplier") ?? 1
        }
    }

    /// What logits are multiplied with.
    func logitScale() throws(CheckpointError) -> Double {
        if let divisor = try positive("logits_scaling") { return 1 / divisor }
        return try positive("logit_scale") ?? 1
    }

    /// Whether attention and feed-forward part are added to the stream together.
    func parallelResidual() throws(CheckpointError) -> Bool {
        switch architecture {
        case .commandR, .cohere2: true
        case .gptNeoX: try file.bool("use_parallel_residual") ?? true
        case .stableLM: try flag("use_parallel_residual")
        // The newer kind is parallel whatever the flag says.
        case .falcon: try flag("new_decoder_architecture") ? true : try file.bool("parallel_attn") ?? true
        default: false
        }
    }
}
