package import Checkpoints

/// The feed-forward part of a layer.
package enum FeedForwardShape: Sendable, Hashable {
    /// `down(activation(gate(x)) * up(x))`.
    case gated(width: Int, Activation)
    /// `down(activation(up(x)))`.
    case plain(width: Int, Activation)

    /// Inputs of the last product.
    package var width: Int {
        switch self {
        case .gated(let width, _), .plain(let width, _): width
        }
    }

    /// The nonlinearity.
    package var activation: Activation {
        switch self {
        case .gated(_, let activation), .plain(_, let activation): activation
        }
    }

    /// Numbers of a row before `down`: gates and ups, or ups alone, and a line more than they take, because rows a power of
    /// two apart would push each other out of the cache.
    var rowStride: Int {
        switch self {
        case .gated(let width, _): 2 * width + 16
        case .plain(let width, _): width + 16
        }
    }

    /// The same part without gates.
    package var ungated: FeedForwardShape { .plain(width: width, activation) }
}
