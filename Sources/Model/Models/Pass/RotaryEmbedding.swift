internal import Checkpoints
internal import Glibc

/// Cosines and sines of the rotary embedding (arXiv 2104.09864) for the positions of a batch.
///
/// Pair `i` of a head turns by `position * frequencies[i]`. The product is taken in double precision: in single
/// precision the angle of position 100,000 would be off by a hundredth.
struct RotaryEmbedding: Sendable {
    /// Radians per token, `[rotaryDimension / 2]`.
    let frequencies: [Double]
    /// Cosines and sines are multiplied with it: the temperature of YaRN and LongRoPE.
    let magnitude: Double

    /// The frequencies of one of a shape's rotary embeddings.
    ///
    /// A sequence's tokens must all turn alike, or its cached keys would be worth nothing once it grows, so what depends on
    /// a sequence's length in the models' own programs is decided by the longest that will be computed.
    ///
    /// - Parameters:
    ///   - factors: The checkpoint's divisors, one per pair.
    ///   - longestSequence: Tokens of the longest sequence that will be computed.
    init(rotary: DecoderShape.Rotary, dimension: Int, factors: FloatVector?, longestSequence: Int) {
        var frequencies = Self.series(base: rotary.base, dimension: dimension)
        if rotary.usesFrequencyFactors, let factors {
            for pair in frequencies.indices { frequencies[pair] /= Double(factors.base[pair]) }
        }
        var magnitude = 1.0
        switch rotary.scaling {
        case .none: break
        case .linear(let factor): frequencies = frequencies.map { $0 / factor }
        case .dynamic(let factor, let original):
            let length = Double(max(longestSequence, original))
            let growth = factor * length / Double(original) - (factor - 1)
            let base = rotary.base * pow(growth, Double(dimension) / Double(max(1, dimension - 2)))
            frequencies = Self.series(base: base, dimension: dimension)
        case .llama3(let factor, let low, let high, let original):
            frequencies = frequencies.map { frequency in
                let turns = Double(original) * frequency / (2 * .pi)
                let mix = low == high ? (turns < low ? 0 : 1) : min(1, max(0, (turns - low) / (high - low)))
                return frequency * (mix + (1 - mix) / factor)
            }
        case .longRope(let short, let long, let original, let temperature):
            let divisors = longestSequence > original ? long : short
            frequencies = zip(frequencies, divisors).map { $0 / $1 }
            magnitude = temperature
        case .yarn(let yarn):
            let ramp = Self.yarnRamp(yarn, base: rotary.base, dimension: dimension)
            for pair in frequencies.indices {
                let mix = ramp[pair] * yarn.extrapolationFactor
                frequencies[pair] *= mix + (1 - mix) / yarn.factor
            }
            magnitude = yarn.attentionFactor * (yarn.extrapolationFactor == 0 ? 1 : 1 + 0.1 * log(yarn.factor))
        }
        self.frequencies = frequencies
        self.magnitude = magnitude
    }

    /// The geometric series of frequencies.
    private static func series(base: Double, dimension: Int) -> [Double] {
        (0..<dimension / 2).map { pow(base, -2 * Double($0) / Double(dimension)) }
    }

    /// Writes `[pair]` cosines and sines of one position.
    func fill(position: Int, cosines: UnsafeMutablePointer<Float>, sines: UnsafeMutablePointer<Float>) {
        for pair in frequencies.indices {
            let angle = Double(position) * frequencies[pair]
            cosines[pair] = Float(cos(angle) * magnitude)
            sines[pair] = Float(sin(angle) * magnitude)
        }
    }

    /// 1 for pairs that YaRN leaves as they are because they turn often within the context of training, 0 for those it
    /// stretches fully, a line between (arXiv 2309.00071, section 3.2).
    private static func yarnRamp(_ yarn: YarnScaling, base: Double, dimension: Int) -> [Double] {
        func pair(turns: Double) -> Double {
            Double(dimension) * log(Double(yarn.originalContextLength) / (turns * 2 * .pi)) / (2 * log(base))
        }
        let (first, last) = (pair(turns: yarn.betaFast), pair(turns: yarn.betaSlow))
        let low = max(0, yarn.roundsBorders ? first.rounded(.down) : first)
        let high = min(Double(dimension - 1), yarn.roundsBorders ? last.rounded(.up) : last)
        return (0..<dimension / 2).map { 1 - min(1, max(0, (Double($0) - low) / max(0.001, high - low))) }
    }
}
