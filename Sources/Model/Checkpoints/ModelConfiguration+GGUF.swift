internal import Glibc

extension ModelConfiguration {
    /// Reads and checks the configuration in a file's metadata; `tensors` tell what only their presence tells.
    ///
    /// - Throws: `CheckpointError` naming the key, its value and the limit.
    package init(metadata: GGUFMetadata, tensors: TensorCatalog) throws(CheckpointError) {
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
        let implied = try keys.headLength(embedding: embeddingLength, heads: headCounts)
        keyLength = try keys.size("attention.key_length", limit: 1 << 16, fallback: implied)
        valueLength = try keys.size("attention.value_length", limit: 1 << 16, fallback: implied)
        rmsNormEpsilon = try keys.epsilon()
        ropeLayers = Array(repeating: true, count: blockCount)
        ropeDimensionCount = try keys.ropeDimensionCount(keyLength: keyLength)
        ropeFrequencyBase = try keys.positive("rope.freq_base") ?? 10_000
        ropeScaling = try keys.ropeScaling(contextLength: contextLength)
        hasRopeFrequencyFactors = tensors.contains("rope_freqs.weight")
        let window = try keys.slidingWindow(layers: blockCount)
        slidingWindow = window.size
        windowedLayers = window.layers
        windowedRopeFrequencyBase = try keys.windowedRopeBase(ropeFrequencyBase)
        attentionScale =
            try keys.positive("attention.scale")
            ?? Self.attentionScale(keys.architecture, blockCount, embeddingLength, headCounts[0], keyLength)
        attentionLogitSoftcapping = try keys.softcapping("attn_logit_softcapping")
        finalLogitSoftcapping = try keys.softcapping("final_logit_softcapping")
        hasTiedEmbeddings = !tensors.contains("output.weight")
        rotaryLayout = keys.rotaryLayout
        activation = keys.activation
        embeddingScale = keys.architecture == .gemma3 ? Double(embeddingLength).squareRoot() : 1
    }

    /// One over the root of the head's width.
    ///
    /// The 27B model of Gemma 3, which files only show by its 62 layers, was trained with the root of
    /// `embeddingLength / headCount` instead.
    private static func attentionScale(
        _ architecture: ModelArchitecture,
        _ layers: Int,
        _ embedding: Int,
        _ heads: Int,
        _ keyLength: Int,
    ) -> Double {
        let is27B = architecture == .gemma3 && layers == 62
        return 1 / Double(is27B ? embedding / heads : keyLength).squareRoot()
    }
}
