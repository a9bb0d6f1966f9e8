internal import Glibc
internal import GuidedDecoding
package import Models
package import RequestParameters

/// Chooses tokens from rows of logits.
///
/// The order: bias and penalties, the mask of what may be chosen, temperature, then `topK`, `topP`, `minP`, then the draw.
/// Holds only buffers: a choice's token depends on its own logits, progress and generator alone.
package struct Sampler {
    /// Looks through the rows, also for whoever reports on them.
    package var scanner = LogitScanner()
    private var adjusted: [Float]
    private var histogram = WeightHistogram()
    private var mask: TokenMask
    private var scratch: TokenMask

    /// What is looked at first, relative to the heaviest token: there are mostly few, and they suffice.
    private static let heavy: Float = 0x1p-12

    /// A sampler for rows of `vocabularySize` logits.
    package init(vocabularySize: Int) {
        adjusted = [Float](repeating: 0, count: vocabularySize)
        mask = TokenMask(count: vocabularySize)
        scratch = mask
    }

    /// The next token of a choice that has `outputCount` tokens; `nil` when none may come.
    package mutating func sample(
        _ logits: UnsafeBufferPointer<Float>,
        request: EngineRequest,
        progress: inout ChoiceProgress,
        choice: Int,
        outputCount: Int,
    ) -> Int32? {
        let isMasked = TokenRules.restrict(request, progress, outputCount: outputCount)
        if isMasked {
            TokenRules.write(request, &progress, outputCount: outputCount, to: &mask, scratch: &scratch)
            guard !mask.isEmpty, progress.matcher?.failure == nil else { return nil }
        }
        var parameters = request.sampling
        parameters.topP = Self.topP(parameters, progress.history, outputCount: outputCount)
        let random = CounterRandom.uniform(seed: parameters.seed ?? 0, choice: choice, position: outputCount)
        guard isMasked || LogitAdjustments.areNeeded(parameters, progress.history) else {
            return choose(logits, parameters, random: random)
        }
        let token = withAdjusted(logits, parameters, progress.history, isMasked: isMasked) { sampler, row in
            sampler.choose(row, parameters, random: random)
        }
        // Where nothing that is allowed has a number for a logit, none is better than another.
        return !isMasked || mask[token] ? token : mask.first
    }

    /// Whether nothing but the end may come after what a choice has, whose matcher says that it may end.
    mutating func isAtEnd(_ progress: inout ChoiceProgress) -> Bool {
        mask.removeAll()
        progress.matcher?.allow(&mask)
        return mask.isEmpty && progress.matcher?.failure == nil
    }

    /// Whether anything is done to the row of a choice that has `outputCount` tokens.
    func isAdjusted(_ request: EngineRequest, _ progress: ChoiceProgress, outputCount: Int) -> Bool {
        TokenRules.restrict(request, progress, outputCount: outputCount)
            || LogitAdjustments.areNeeded(request.sampling, progress.history)
    }

    /// Calls `body` with what becomes of the row of a choice that has `outputCount` tokens.
    mutating func withAdjusted<Result>(
        _ row: UnsafeBufferPointer<Float>,
        request: EngineRequest,
        progress: inout ChoiceProgress,
        outputCount: Int,
        _ body: (inout Sampler, UnsafeBufferPointer<Float>) -> Result,
    ) -> Result {
        let isMasked = TokenRules.restrict(request, progress, outputCount: outputCount)
        if isMasked {
            TokenRules.write(request, &progress, outputCount: outputCount, to: &mask, scratch: &scratch)
        }
        return withAdjusted(row, request.sampling, progress.history, isMasked: isMasked, body)
    }

    /// Calls `body` with what becomes of a row of logits.
    private mutating func withAdjusted<Result>(
        _ logits: UnsafeBufferPointer<Float>,
        _ parameters: SamplingParameters,
        _ history: TokenHistory,
        isMasked: Bool,
        _ body: (inout Sampler, UnsafeBufferPointer<Float>) -> Result,
    ) -> Result {
        var row = adjusted
        adjusted = []
        defer { adjusted = row }
        return row.withUnsafeMutableBufferPointer { row in
            LogitAdjustments.write(logits, to: row, parameters, history, mask: isMasked ? mask : nil)
            return body(&self, UnsafeBufferPointer(row))
        }
    }

    /// Top-p after some tokens: it decays with each, down to a bound.
    private static func topP(_ parameters: SamplingParameters, _ history: TokenHistory, outputCount: Int) -> Float {
        let steps = parameters.topPResetToken == nil ? outputCount : history.decaySteps
        guard parameters.topPDecay < 1, steps > 0 else { return parameters.topP }
        let decayed = Double(parameters.topP) * pow(Double(parameters.topPDecay), Double(steps))
        // Never none at all.
        return max(Float(decayed), parameters.topPMin, .leastNormalMagnitude)
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
