package import Checkpoints

extension DecoderShape {
    /// What a configuration says, the same way for every family: gated feed-forward parts, norms before them and before
    /// attention.
    ///
    /// - Throws: `ModelError.badConfiguration` for what the decoder can't compute.
    package init(_ configuration: ModelConfiguration) throws(ModelError) {
        let c = configuration
        try Self.check(c)
        let windows = (0..<c.blockCount).map { c.windowedLayers[$0] ? c.slidingWindow ?? 0 : 0 }
        var rotaries = [
            Rotary(
                base: c.ropeFrequencyBase,
                scaling: c.ropeScaling,
                usesFrequencyFactors: c.hasRopeFrequencyFactors
            )
        ]
        if windows.contains(where: { $0 > 0 }) {
            rotaries.append(
                Rotary(base: c.windowedRopeFrequencyBase, scaling: c.windowedRopeScaling, usesFrequencyFactors: false)
            )
        }
        var layers: [LayerShape] = []
        for index in 0..<c.blockCount { layers.append(try Self.layer(c, index: index, window: windows[index])) }
        self.init(
            hiddenSize: c.embeddingLength,
            vocabularySize: c.vocabularySize,
            contextLength: c.contextLength,
            layers: layers,
            normEpsilon: Float(c.layerNormEpsilon ?? c.rmsNormEpsilon)
        )
        norm = c.layerNormEpsilon == nil ? .rms : .layer
        self.rotaries = rotaries
        rotaryDimension = c.ropeDimensionCount
        rotaryLayout = c.rotaryLayout
        embeddingScale = Float(c.embeddingScale)
        positionCount = c.positionEmbeddingCount
        tokenTypeCount = c.tokenTypeCount
        isCausal = c.isCausal
        hasEmbeddingNorm = !c.isCausal
        logitScale = Float(c.logitScale)
        logitSoftcap = Float(c.finalLogitSoftcapping ?? 0)
    }

    private static func layer(_ c: ModelConfiguration, index: Int, window: Int) throws(ModelError) -> LayerShape {
        var feedForward = FeedForwardShape.gated(width: c.feedForwardLengths[index], c.activation)
        if let experts = c.experts, experts.isUsed(inLayer: index) {
            feedForward = .experts(try ExpertShape(c, experts))
        }
        var attention = AttentionShape(
            headCount: c.headCounts[index],
            kvHeadCount: c.headCountsKV[index],
            headDimension: c.keyLength,
            rotary: c.ropeLayers[index] ? (window > 0 ? 1 : 0) : nil,
            scale: Float(c.attentionScale)
        )
        attention.window = window
        attention.softcap = Float(c.attentionLogitSoftcapping ?? 0)
        attention.hasSinks = c.hasAttentionSinks
        attention.clamp = Float(c.queryKeyValueClamp ?? 0)
        if let latent = c.latent {
            attention.latent = LatentShape(
                queryRank: latent.queryRank,
                rank: latent.keyValueRank,
                plainWidth: latent.plainLength,
                rotaryWidth: latent.rotaryLength,
                valueWidth: latent.valueLength
            )
        }
        var layer = LayerShape(attention: attention, feedForward: feedForward)
        layer.residual = c.parallelResidual ? .parallel : .sequential
        layer.residualScale = Float(c.residualScale)
        return layer
    }

    /// Refuses sizes that the kernels don't have.
    private static func check(_ c: ModelConfiguration) throws(ModelError) {
        func refuse(_ field: String, _ value: Int, _ reason: String) -> ModelError {
            .badConfiguration(field: field, value: "\(value)", reason: reason)
        }
        if let latent = c.latent {
            for (field, width, unit) in [
                ("query rank", latent.queryRank, 32), ("latent's rank", latent.keyValueRank, 32),
                ("unrotated head length", latent.plainLength, 32), ("value head length", latent.valueLength, 16),
                ("rotated head length", latent.rotaryLength, 16),
            ] where width % unit != 0 || width < 0 || width == 0 && field != "query rank" || width > 1 << 16 {
                throw refuse(field, width, "it must be a multiple of \(unit)")
            }
            guard c.ropeDimensionCount == latent.rotaryLength else {
                throw refuse("rotary dimension count", c.ropeDimensionCount, "it must be \(latent.rotaryLength)")
            }
        } else {
            guard c.keyLength == c.valueLength else {
                throw refuse("value head length", c.valueLength, "it must be the key head length, \(c.keyLength)")
            }
            guard c.keyLength % 16 == 0 else { throw refuse("head length", c.keyLength, "it must be a multiple of 16") }
        }
        guard c.embeddingLength % 32 == 0 else {
            throw refuse("embedding length", c.embeddingLength, "it must be a multiple of 32")
        }
        if case .longRope(let short, let long, _, _) = c.ropeScaling {
            for divisors in [short, long] where divisors.count != c.ropeDimensionCount / 2 {
                throw refuse("number of rotary divisors", divisors.count, "it must be \(c.ropeDimensionCount / 2)")
            }
        }
        for index in 0..<c.blockCount {
            guard c.latent != nil || c.headCounts[index] / c.headCountsKV[index] <= 96 else {
                throw refuse("head count", c.headCounts[index], "at most 96 heads can share a KV head")
            }
            guard c.feedForwardLengths[index] % 32 == 0 else {
                throw refuse("feed-forward length", c.feedForwardLengths[index], "it must be a multiple of 32")
            }
            let width = c.headCounts[index] * (c.latent?.valueLength ?? c.keyLength)
            guard width % 32 == 0 else { throw refuse("width of all heads", width, "it must be a multiple of 32") }
        }
    }

    /// Changes every layer.
    package mutating func updateLayers(_ change: (inout LayerShape) -> Void) {
        for index in layers.indices { change(&layers[index]) }
    }
}
