internal import Tensors

/// The weights of a layer's feed-forward part.
enum FeedForwardWeights: Sendable {
    case dense(DenseWeights)
    case experts(ExpertWeights)

    /// Takes the part of the feed-forward part's tensors that a rank has.
    init(
        _ loader: inout WeightLoader,
        prefix: String,
        shape: FeedForwardShape,
        part: LayerPart,
        hidden: Int,
    ) throws(ModelError) {
        let (width, outputs) = (Extent(part.width, of: shape.width), Extent(part.hidden, of: hidden))
        switch shape {
        case .gated:
            self = .dense(try DenseWeights(&loader, prefix, "", isGated: true, width: width, hidden: outputs))
        case .plain:
            self = .dense(try DenseWeights(&loader, prefix, "", isGated: false, width: width, hidden: outputs))
        case .experts(let experts):
            self = .experts(try ExpertWeights(&loader, prefix: prefix, shape: experts, part: part, hidden: hidden))
        }
    }

    /// What is added to the output of the last product.
    var outputBias: FloatVector? {
        if case .dense(let weights) = self { weights.down.bias } else { nil }
    }

    /// The matrices that one token is multiplied with.
    var usedMatrices: [PackedMatrix] {
        switch self {
        case .dense(let weights): weights.matrices
        case .experts(let weights): weights.usedMatrices
        }
    }
}

/// The weights of a feed-forward part that all tokens use.
struct DenseWeights: Sendable {
    /// Only in gated parts.
    let gate: LinearWeights?
    let up: LinearWeights
    let down: LinearWeights

    /// Takes tensors whose names end in `suffix`: those rows of the first matrices that make some of the `width`, and those of
    /// the last that make some of the `hidden`.
    init(
        _ loader: inout WeightLoader,
        _ prefix: String,
        _ suffix: String,
        isGated: Bool,
        width: Extent,
        hidden: Extent,
    ) throws(ModelError) {
        gate = isGated ? try loader.linear(prefix + "ffn_gate" + suffix, width, hidden.whole) : nil
        up = try loader.linear(prefix + "ffn_up" + suffix, width, hidden.whole)
        down = try loader.output(prefix + "ffn_down" + suffix, hidden, width.whole)
    }

    /// All matrices.
    var matrices: [PackedMatrix] { [gate, up, down].compactMap { $0?.matrix } }
}
