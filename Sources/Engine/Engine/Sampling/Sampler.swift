/// Chooses tokens from rows of logits.
///
/// The order: bias and penalties, the mask of `minTokens`, temperature, then `topK`, `topP`, `minP`, then the draw.
/// `topPMin` bounds a top-p that decays from token to token; nothing here makes it decay, so it has no effect. Holds only
/// buffers: a choice's token depends on its own logits, history and generator alone.
package struct Sampler {
    private var adjusted: [Float]
    private var weights: [Float]
    private var histogram = WeightHistogram()

    /// A sampler for rows of `vocabularySize` logits.
    package init(vocabularySize: Int) {
        adjusted = [Float](repeating: 0, count: vocabularySize)
        weights = adjusted
    }

    /// The next token of a choice that has `outputCount` tokens.
    package mutating func sample(
        _ logits: UnsafeBufferPointer<Float>,
        request: EngineRequest,
        history: TokenHistory,
        choice: Int,
        outputCount: Int,
    ) -> Int32 {
        let parameters = request.sampling
        let isMasked = outputCount < request.minTokens
        guard LogitAdjustments.areNeeded(parameters, history, masked: isMasked) else {
            return choose(logits, parameters, choice: choice, outputCount: outputCount)
        }
        var row = adjusted
        adjusted = []
        defer { adjusted = row }
        return row.withUnsafeMutableBufferPointer { row in
            _ = row.update(fromContentsOf: logits)
            let masked = isMasked ? [request.endTokens, request.stopTokens] : []
            LogitAdjustments.apply(parameters, history, masked: masked, to: row)
            return choose(UnsafeBufferPointer(row), parameters, choice: choice, outputCount: outputCount)
        }
    }

    private mutating func choose(
        _ logits: UnsafeBufferPointer<Float>,
        _ parameters: SamplingParameters,
        choice: Int,
        outputCount: Int,
    ) -> Int32 {
        guard parameters.temperature > 0, parameters.topK != 1 else {
            return Int32(VectorMath.indexOfMaximum(logits))
        }
        let maximum = VectorMath.maximum(logits)
        guard maximum.isFinite else { return Int32(VectorMath.indexOfMaximum(logits)) }
        let random = CounterRandom.uniform(seed: parameters.seed, choice: choice, position: outputCount)
        return weights.withUnsafeMutableBufferPointer { weights in
            VectorMath.writeWeights(logits, maximum: maximum, temperature: parameters.temperature, to: weights)
            return histogram.choose(
                UnsafeBufferPointer(weights),
                topK: parameters.topK,
                topP: parameters.topP,
                minP: parameters.minP,
                random: random,
            )
        }
    }
}
