extension ModelConfiguration {
    /// Reads and checks the configuration in a file's metadata; the tensors' names tell the rest.
    ///
    /// - Throws: `CheckpointError` naming the key, its value and the limit.
    init(metadata: GGUFMetadata, tensorNames: Set<String>) throws(CheckpointError) {
        let keys = try ConfigurationKeys(metadata)
        try keys.rejectUnsupportedParts()
        architecture = keys.architecture
        vocabularySize = try keys.vocabularySize()
        contextLength = try keys.size("context_length", limit: 1 << 30)
        embeddingLength = try keys.size("embedding_length", limit: 1 << 20)
        blockCount = try keys.size("block_count", limit: 4096)
        feedForwardLengths = try keys.perLayer("feed_forward_length", count: blockCount, limit: 1 << 24)
        headCounts = try keys.perLayer("attention.head_count", count: blockCount, limit: 1 << 16)
        headCountsKV = try keys.headCountsKV(headCounts)
        latent = try keys.latent()
        if let latent {
            // Every head has keys and values of its own, made from the latent.
            headCountsKV = headCounts
            (keyLength, valueLength) = (latent.plainLength + latent.rotaryLength, latent.valueLength)
            ropeDimensionCount = latent.rotaryLength
        } else {
            let implied = try keys.headLength(embedding: embeddingLength, heads: headCounts)
            keyLength = try keys.size("attention.key_length", limit: 1 << 16, fallback: implied)
            valueLength = try keys.size("attention.value_length", limit: 1 << 16, fallback: implied)
            ropeDimensionCount = try keys.ropeDimensionCount(keyLength: keyLength)
        }
        rmsNormEpsilon = try keys.epsilon()
        layerNormEpsilon = architecture.hasLayerNorms ? rmsNormEpsilon : nil
        ropeFrequencyBase = try keys.positive("rope.freq_base") ?? 10_000
        ropeScaling = try keys.ropeScaling(contextLength: contextLength, tensorNames: tensorNames)
        hasRopeFrequencyFactors = tensorNames.contains("rope_freqs.weight")
        let window = try keys.slidingWindow(layers: blockCount)
        slidingWindow = window.size
        windowedLayers = window.layers
        ropeLayers = keys.ropeLayers(layers: blockCount, windowed: window.layers)
        windowedRopeFrequencyBase = try keys.windowedRopeBase(ropeFrequencyBase)
        windowedRopeScaling = architecture == .gemma3 ? .none : ropeScaling
        attentionScale = try keys.attentionScale(
            layers: blockCount,
            embedding: embeddingLength,
            heads: headCounts[0],
            keyLength: keyLength,
            scaling: ropeScaling
        )
        attentionLogitSoftcapping = try keys.softcapping("attn_logit_softcapping")
        finalLogitSoftcapping = try keys.softcapping("final_logit_softcapping")
        hasTiedEmbeddings = !tensorNames.contains("output.weight")
        try addVariants(keys, tensorNames: tensorNames)
    }

    /// What only some families have.
    private mutating func addVariants(
        _ keys: ConfigurationKeys,
        tensorNames: Set<String>,
    ) throws(CheckpointError) {
        rotaryLayout = keys.rotaryLayout
        activation = keys.activation
        embeddingScale = try keys.embeddingScale(width: embeddingLength)
        residualScale = try keys.positive("residual_scale") ?? 1
        logitScale = try keys.logitScale()
        parallelResidual = try keys.parallelResidual()
        queryKeyValueClamp = try keys.positive("attention.clamp_kqv")
        experts = try keys.experts(feedForwardLength: feedForwardLengths[0], tensorNames: tensorNames)
        hasAttentionSinks = tensorNames.contains("blk.0.attn_sinks.weight")
        // No key has it; it is the same in all of gpt-oss.
        gateLimit = architecture == .gptOSS ? 7 : nil
        if architecture == .gpt2 || architecture == .bert { positionEmbeddingCount = contextLength }
        isCausal = architecture != .bert
        tokenTypeCount = isCausal ? 0 : try keys.tokenTypeCount()
        pooling = try keys.pooling()
    }
}
