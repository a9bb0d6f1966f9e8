/// How rotary embeddings are stretched beyond the context of training.
public enum RopeScaling: Sendable, Hashable {
    /// Not at all.
    case none
    /// Positions are divided by the factor (Chen et al. 2023).
    case linear(factor: Double)
    /// YaRN (Peng et al. 2023).
    case yarn(YarnScaling)
    /// The base grows with the length of the sequence beyond the context of training ("dynamic NTK").
    case dynamic(factor: Double, originalContextLength: Int)
    /// Llama 3.1's: wavelengths beyond `originalContextLength / low` are stretched by the factor, those within
    /// `originalContextLength / high` are left, a line between.
    case llama3(factor: Double, low: Double, high: Double, originalContextLength: Int)
    /// LongRoPE (Ding et al. 2024): divisors per pair of dimensions, one list up to the context of training and one
    /// beyond; cosines and sines are multiplied with the magnitude.
    case longRope(short: [Double], long: [Double], originalContextLength: Int, magnitude: Double)
}

/// The values of YaRN scaling.
public struct YarnScaling: Sendable, Hashable {
    /// Context now over context of training.
    public var factor: Double
    /// Context of training, in tokens.
    public var originalContextLength: Int
    /// Share of extrapolation; 1 in the paper.
    public var extrapolationFactor: Double
    /// Multiplies the attention's temperature.
    public var attentionFactor: Double
    /// Rotations over the context from which dimensions are only extrapolated.
    public var betaFast: Double
    /// Rotations below which they are only interpolated.
    public var betaSlow: Double
    /// Whether the dimensions at those borders are rounded to whole ones, as in the paper's program.
    public var roundsBorders: Bool

    /// YaRN with these values.
    public init(
        factor: Double,
        originalContextLength: Int,
        extrapolationFactor: Double,
        attentionFactor: Double,
        betaFast: Double,
        betaSlow: Double,
        roundsBorders: Bool = true,
    ) {
        self.factor = factor
        self.originalContextLength = originalContextLength
        self.extrapolationFactor = extrapolationFactor
        self.attentionFactor = attentionFactor
        self.betaFast = betaFast
        self.betaSlow = betaSlow
        self.roundsBorders = roundsBorders
    }
}
