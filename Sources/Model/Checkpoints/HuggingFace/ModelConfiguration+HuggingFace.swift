extension ModelConfiguration {
    /// Reads and checks the configuration in a directory's `config.json`; the tensors' names tell the rest.
    ///
    /// - Throws: `CheckpointError` naming the key, its value and the limit.
    init(_ keys: HuggingFaceKeys, tensorNames: Set<String>, pooling: Pooling?) throws(CheckpointError) {
        try keys.rejectUnsupportedParts()
        architecture = keys.architecture
        vocabularySize = try keys.size("vocab_size", limit: Int(Int32.max))
        contextLength = try keys.contextLength()
        let width = try keys.width()
        embeddingLength = width
        blockCount = try keys.layerCount()
        let feedForward = try keys.feedForwardLength(width: width)
        feedForwardLengths = Array(repeating: feedForward, count: blockCount)
        let heads = try keys.size(keys.name("num_attention_heads", "n_head"), limit: 1 << 16)
        headCounts = Array(repeating: heads, count: blockCount)
        headCountsKV = Array(repeating: try keys.headCountKV(heads), count: blockCount)
        (keyLength, valueLength) = try keys.headLengths(width: width, heads: heads)
        rmsNormEpsilon = try keys.epsilon()
        layerNormEpsilon = architecture.hasLayerNorms ? rmsNormEpsilon : nil
        let window = try keys.slidingWindow(layers: blockCount)
        slidingWindow = window.layers.contains(true) ? window.size : nil
        windowedLayers = window.layers
        ropeLayers = try keys.ropeLayers(layers: blockCount, windowed: window.layers)
        ropeDimensionCount = try keys.rotaryDimensions(keyLength: keyLength)
        ropeFrequencyBase = try keys.ropeBase()
        ropeScaling = try keys.ropeScaling(dimensions: ropeDimensionCount)
        hasRopeFrequencyFactors = false
        windowedRopeFrequencyBase = try keys.ropeBase(windowed: true)
        windowedRopeScaling = try keys.ropeScaling(windowed: true, dimensions: ropeDimensionCount)
        attentionScale = try keys.attentionScale(keyLength: keyLength)
        attentionLogitSoftcapping = try keys.positive("attn_logit_softcapping")
        finalLogitSoftcapping = try keys.positive("final_logit_softcapping")
        let hasHead = tensorNames.contains { $0.hasSuffix("lm_head.weight") || $0 == "embed_out.weight" }
        hasTiedEmbeddings = keys.isHeadless ? !hasHead : try keys.file.bool("tie_word_embeddings") ?? !hasHead
        try addVariants(keys, feedForward: feedForward, pooling: pooling)
    }

    /// Which dimensions are rotated together: DeepSeek and Cohere rotate neighbours; nobody permutes weights.
    static func huggingFaceLayout(_ architecture: ModelArchitecture) -> RotaryLayout {
        [.deepseek2, .commandR, .cohere2].contains(architecture) ? .pairs : .halves
    }

    /// What only some families have.
    private mutating func addVariants(
        _ keys: HuggingFaceKeys,
        feedForward: Int,
        pooling: Pooling?,
    ) throws(CheckpointError) {
        rotaryLayout = Self.huggingFaceLayout(architecture)
        activation = try keys.activation()
        embeddingScale = try keys.embeddingScale(width: embeddingLength)
        residualScale = try keys.positive("residual_multiplier") ?? 1
        logitScale = try keys.logitScale()
        parallelResidual = try keys.parallelResidual()
        queryKeyValueClamp = try keys.positive("clip_qkv")
        experts = try keys.experts(feedForwardLength: feedForward)
        latent = try keys.latent()
        if latent != nil { headCountsKV = headCounts }
        hasAttentionSinks = architecture == .gptOSS
        gateLimit = architecture == .gptOSS ? try keys.positive("swiglu_limit") : nil
        if architecture == .gpt2 || architecture == .bert { positionEmbeddingCount = contextLength }
        if architecture == .bert {
            tokenTypeCount = try keys.file.integer("type_vocab_size", in: 0...1 << 16) ?? 0
            isCausal = false
        }
        self.pooling = pooling ?? (architecture == .bert ? .mean : keys.isHeadless ? .last : .none)
    }
}
