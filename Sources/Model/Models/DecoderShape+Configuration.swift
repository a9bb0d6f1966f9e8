internal import Checkpoints

extension DecoderShape {
    /// What a configuration says, the same way for every family.
    ///
    /// - Throws: `ModelError.badConfiguration` for what the decoder can't compute.
    init(_ configuration: ModelConfiguration, rotaryLayout: RotaryLayout) throws(ModelError) {
        let c = configuration
        func refuse(_ field: String, _ value: String, _ reason: String) -> ModelError {
            .badConfiguration(field: field, value: value, reason: reason)
        }
        guard c.isUniform else {
            throw refuse("number of heads", "\(c.headCounts)", "layers of different sizes are not supported")
        }
        guard c.keyLength == c.valueLength else {
            throw refuse("value head length", "\(c.valueLength)", "it must be the key head length, \(c.keyLength)")
        }
        guard c.keyLength % 16 == 0 else {
            throw refuse("head length", "\(c.keyLength)", "it must be a multiple of 16")
        }
        guard c.headCount / c.headCountKV <= 96 else {
            throw refuse("head count", "\(c.headCount)", "at most 96 heads can share a KV head")
        }
        if let cap = c.attentionLogitSoftcapping ?? c.finalLogitSoftcapping {
            throw refuse("logit softcapping", "\(cap)", "it is not supported")
        }
        switch c.ropeScaling {
        case .none, .linear, .yarn: break
        case .dynamic, .llama3, .longRope: throw refuse("rotary scaling", "\(c.ropeScaling)", "it is not supported")
        }
        for (field, width) in [
            ("embedding length", c.embeddingLength), ("feed-forward length", c.feedForwardLength),
            ("width of all heads", c.headCount * c.keyLength),
        ] where width % 32 != 0 {
            throw refuse(field, "\(width)", "it must be a multiple of 32")
        }
        let windows = (0..<c.blockCount).map { c.windowedLayers[$0] ? c.slidingWindow ?? 0 : 0 }
        var rotaries = [
            Rotary(
                base: c.ropeFrequencyBase,
                scaling: c.ropeScaling,
                usesFrequencyFactors: c.hasRopeFrequencyFactors
            )
        ]
        if windows.contains(where: { $0 > 0 }) {
            rotaries.append(Rotary(base: c.windowedRopeFrequencyBase, scaling: .none, usesFrequencyFactors: false))
        }
        self.init(
            hiddenSize: c.embeddingLength,
            feedForwardSize: c.feedForwardLength,
            headCount: c.headCount,
            kvHeadCount: c.headCountKV,
            headDimension: c.keyLength,
            rotaryDimension: c.ropeDimensionCount,
            rotaryLayout: rotaryLayout,
            rotaries: rotaries,
            layers: windows.map { Layer(rotary: $0 > 0 ? 1 : 0, window: $0) },
            vocabularySize: c.vocabularySize,
            contextLength: c.contextLength,
            normEpsilon: Float(c.rmsNormEpsilon),
            attentionScale: Float(c.attentionScale)
        )
    }
}
