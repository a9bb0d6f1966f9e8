/// How rotary embeddings are stretched beyond the context of training.
public enum RopeScaling: Sendable, Hashable {
    /// Not at all.
    case none
    /// Positions are divided by the factor (Chen et al. 2023).
    case linear(factor: Double)
    /// YaRN (Peng et al. 2023).
    case yarn(YarnScaling)
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

    /// YaRN with these values.
    public init(
        factor: Double,
        originalContextLength: Int,
        extrapolationFactor: Double,
        attentionFactor: Double,
        betaFast: Double,
        betaSlow: Double,
    ) {
        self.factor = factor
        self.originalContextLength = originalContextLength
        self.extrapolationFactor = extrapolationFactor
        self.attentionFactor = attentionFactor
        self.betaFast = betaFast
        self.betaSlow = betaSlow
    }
}
