internal import Checkpoints
internal import Glibc

/// Cosines and sines of the rotary embedding (arXiv 2104.09864) for the positions of a batch.
///
/// Pair `i` of a head turns by `position * frequencies[i]`. The product is taken in double precision: in single
/// precision the angle of position 100,000 would be off by a hundredth.
struct RotaryEmbedding: Sendable {
    /// Radians per token, `[rotaryDimension / 2]`.
    let frequencies: [Double]
    /// Cosines and sines are multiplied with it: YaRN's temperature.
    let magnitude: Double

    /// The frequencies of one of a shape's rotary embeddings; `factors` are the checkpoint's divisors, one per pair.
    init(rotary: DecoderShape.Rotary, dimension: Int, factors: FloatVector?) {
        var frequencies = (0..<dimension / 2).map { pair in
            let frequency = pow(rotary.base, -2 * Double(pair) / Double(dimension))
            guard rotary.usesFrequencyFactors, let factors else { return frequency }
            return frequency / Double(factors.base[pair])
        }
        switch rotary.scaling {
        // The last three are refused before (`DecoderShape`).
        case .none, .dynamic, .llama3, .longRope: magnitude = 1
        case .linear(let factor):
            frequencies = frequencies.map { $0 / factor }
            magnitude = 1
        case .yarn(let yarn):
            let ramp = Self.yarnRamp(yarn, base: rotary.base, dimension: dimension)
            for pair in frequencies.indices {
                let mix = ramp[pair] * yarn.extrapolationFactor
                frequencies[pair] *= mix + (1 - mix) / yarn.factor
            }
            magnitude = yarn.attentionFactor * (yarn.extrapolationFactor == 0 ? 1 : 1 + 0.1 * log(yarn.factor))
        }
        self.frequencies = frequencies
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
