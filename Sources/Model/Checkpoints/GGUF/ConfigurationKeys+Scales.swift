internal import Glibc

extension ConfigurationKeys {
    /// The nonlinearity of the feed-forward part, which files don't say.
    var activation: Activation {
        switch architecture {
        case .gemma2, .gemma3, .gpt2, .starcoder2: .geluTanh
        case .gptNeoX, .falcon, .bert: .gelu
        default: .silu
        }
    }

    /// What embeddings are multiplied with.
    func embeddingScale(width: Int) throws(CheckpointError) -> Double {
        switch architecture {
        case .gemma2, .gemma3: Double(width).squareRoot()
        default: try positive("embedding_scale") ?? 1
        }
    }

    /// What logits are multiplied with; Granite's files have what they are divided by.
    func logitScale() throws(CheckpointError) -> Double {
        let stated = try positive("logit_scale") ?? 1
        return [.granite, .graniteMoE].contains(architecture) ? 1 / stated : stated
    }

    /// Whether attention and feed-forward part are added to the stream together.
    func parallelResidual() throws(CheckpointError) -> Bool {
        switch architecture {
        case .commandR, .cohere2, .falcon: true
        case .gptNeoX: try bool("use_parallel_residual") ?? true
        case .stableLM: try bool("use_parallel_residual") ?? false
        default: false
        }
    }

    /// What queries are multiplied with before they meet the keys: usually one over the root of the head's width.
    ///
    /// The 27B models of Gemma 2 and 3, which files only show by their 46 and 62 layers, were trained with the root of
    /// `embedding / heads` instead.
    func attentionScale(
        layers: Int,
        embedding: Int,
        heads: Int,
        keyLength: Int,
        scaling: RopeScaling,
    ) throws(CheckpointError) -> Double {
        if let stated = try positive("attention.scale") { return stated }
        let is27B = architecture == .gemma3 && layers == 62 || architecture == .gemma2 && layers == 46
        let plain = 1 / Double(is27B ? embedding / heads : keyLength).squareRoot()
        // DeepSeek has YaRN's temperature in the scores.
        guard architecture == .deepseek2, case .yarn(let yarn) = scaling, yarn.factor > 1,
            let multiplier = try positive("rope.scaling.yarn_log_multiplier")
        else { return plain }
        let temperature = 1 + multiplier * log(yarn.factor)
        return plain * temperature * temperature
    }

    /// How the hidden states of a text become one vector.
    func pooling() throws(CheckpointError) -> Pooling {
        switch try integer("pooling_type", in: 0...3) {
        case 1: .mean
        case 2: .cls
        case 3: .last
        case 0: .none
        default: architecture == .bert ? .mean : .none
        }
    }
}
