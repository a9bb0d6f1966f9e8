package import Models

/// Chooses tokens from rows of logits.
///
/// The order: bias and penalties, the mask of `minTokens`, temperature, then `topK`, `topP`, `minP`, then the draw.
/// `topPMin` bounds a top-p that decays from token to token; nothing here makes it decay, so it has no effect. Holds only
/// buffers: a choice's token depends on its own logits, history and generator alone.
package struct Sampler {
    /// Looks through the rows, also for whoever reports on them.
    package var scanner = LogitScanner()
    private var adjusted: [Float]
    private var histogram = WeightHistogram()

    /// What is looked at first, relative to the heaviest token: there are mostly few, and they suffice.
    private static let heavy: Float = 0x1p-12

    /// A sampler for rows of `vocabularySize` logits.
    package init(vocabularySize: Int) {
        adjusted = [Float](repeating: 0, count: vocabularySize)
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
        let random = CounterRandom.uniform(seed: parameters.seed, choice: choice, position: outputCount)
        let isMasked = outputCount < request.minTokens
        guard LogitAdjustments.areNeeded(parameters, history, masked: isMasked) else {
            return choose(logits, parameters, random: random)
        }
        var row = adjusted
        adjusted = []
        defer { adjusted = row }
        return row.withUnsafeMutableBufferPointer { row in
            _ = row.update(fromContentsOf: logits)
            let masked = isMasked ? [request.endTokens, request.stopTokens] : []
            LogitAdjustments.apply(parameters, history, masked: masked, to: row)
            return choose(UnsafeBufferPointer(row), parameters, random: random)
        }
    }

    /// The token that a number in [0, 1) draws from adjusted logits; the greatest where nothing is to be drawn.
    package mutating func choose(
        _ logits: UnsafeBufferPointer<Float>,
        _ parameters: SamplingParameters,
        random: Double,
    ) -> Int32 {
        scanner.scan(logits)
        guard parameters.temperature > 0, parameters.topK != 1, scanner.maximum.isFinite else {
            return scanner.indexOfMaximum(logits)
        }
        if parameters.topK > 0, parameters.topK < logits.count {
            scanner.find(heaviest: parameters.topK, logits, temperature: parameters.temperature)
            return draw(parameters, random, floor: 0, tail: 0) ?? scanner.indexOfMaximum(logits)
        }
        // Who draws from all tokens, or keeps a share of them, needs the weight of those that aren't looked at.
        let needsTail = parameters.topP < 1 || parameters.minP < Self.heavy
        let total = needsTail ? scanner.sumOfWeights(logits, temperature: parameters.temperature) : 0
        for floor in [Self.heavy, 0] {
            scanner.find(weighingAtLeast: floor, logits, temperature: parameters.temperature)
            let found = scanner.weights.reduce(0.0) { $1 >= floor ? $0 + Double($1) : $0 }
            let tail = floor > 0 ? max(0, total - found) : 0
            if let token = draw(parameters, random, floor: floor, tail: tail) { return token }
        }
        return scanner.indexOfMaximum(logits)
    }

    /// Filters and draws from the tokens that were found; `nil` when those below `floor` matter, whose weight is `tail`.
    private mutating func draw(_ parameters: SamplingParameters, _ random: Double, floor: Float, tail: Double) -> Int32?
    {
        let place = scanner.weights.withUnsafeBufferPointer { weights in
            histogram.choose(
                weights,
                floor: floor,
                tail: tail,
                topK: parameters.topK,
                topP: parameters.topP,
                minP: parameters.minP,
                random: random,
            )
        }
        return place.map { scanner.tokens[$0] }
    }
}
