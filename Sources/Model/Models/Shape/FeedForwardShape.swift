package import Checkpoints

/// The feed-forward part of a layer.
package enum FeedForwardShape: Sendable, Hashable {
    /// `down(activation(gate(x)) * up(x))`.
    case gated(width: Int, Activation)
    /// `down(activation(up(x)))`.
    case plain(width: Int, Activation)
    /// A mixture of experts, and perhaps a gated part beside them.
    case experts(ExpertShape)

    /// Inputs of the last product of the part that all tokens use.
    package var width: Int {
        switch self {
        case .gated(let width, _), .plain(let width, _): width
        case .experts(let shape): shape.sharedWidth
        }
    }

    /// The nonlinearity.
    package var activation: Activation {
        switch self {
        case .gated(_, let activation), .plain(_, let activation): activation
        case .experts(let shape): shape.activation
        }
    }

    /// The mixture of experts, if it is one.
    package var experts: ExpertShape? {
        if case .experts(let shape) = self { shape } else { nil }
    }

    /// Numbers of a row before `down`: gates and ups, or ups alone, and a line more than they take, because rows a power of
    /// two apart would push each other out of the cache.
    var rowStride: Int {
        switch self {
        case .gated(let width, _): 2 * width + 16
        case .plain(let width, _): width + 16
        case .experts(let shape): 2 * shape.sharedWidth + 16
        }
    }

    /// The same part without gates; experts stay as they are.
    package var ungated: FeedForwardShape {
        if case .gated(let width, let activation) = self { .plain(width: width, activation) } else { self }
    }
}
