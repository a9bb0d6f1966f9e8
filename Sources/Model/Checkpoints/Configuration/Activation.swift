/// The nonlinearity of a feed-forward part.
public enum Activation: String, Sendable, Hashable, CaseIterable {
    /// `x * sigmoid(x)`.
    case silu
    /// `x * Phi(x)` with the normal distribution's `Phi`.
    case gelu
    /// GELU by the approximation with the hyperbolic tangent.
    case geluTanh
    /// `max(x, 0)`.
    case relu
    /// `max(x, 0)` squared.
    case reluSquared
}
