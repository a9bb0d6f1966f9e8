internal import Tensors

/// The weights of a mixture of experts.
struct ExpertWeights: Sendable {
    /// `[experts, hidden]` in single precision, since a rounded logit may choose another expert; a last row where the shared
    /// part has a gate.
    let router: PackedMatrix
    /// `[experts]`, added to the router's logits.
    let routerBias: FloatVector?
    /// `[experts]`, added to scores while experts are chosen.
    let selectionBias: FloatVector?
    /// One per expert that the rank has.
    let gates: [PackedMatrix]
    /// One per such expert.
    let ups: [PackedMatrix]
    /// One per such expert.
    let downs: [PackedMatrix]
    /// `[such experts, width]`.
    let gateBiases: FloatVector?
    /// `[such experts, width]`.
    let upBiases: FloatVector?
    /// `[such experts, outputs]`.
    let downBiases: FloatVector?
    /// The part that all tokens use.
    let shared: DenseWeights?
    /// Whether that is multiplied with a gate.
    let hasSharedGate: Bool
    private let perToken: Int

    /// Takes the part of a mixture's tensors that a rank has, and the router.
    init(
        _ loader: inout WeightLoader,
        prefix: String,
        shape: ExpertShape,
        part: LayerPart,
        hidden: Int,
    ) throws(ModelError) {
        let count = shape.count
        let (own, width) = (Extent(part.experts, of: count), Extent(part.expertWidth, of: shape.width))
        let outputs = Extent(part.expertHidden, of: hidden)
        perToken = shape.perToken
        let gate = prefix + "ffn_gate_inp_shexp.weight"
        hasSharedGate = shape.sharedWidth > 0 && loader.contains(gate)
        let rows = [try loader.rows(prefix + "ffn_gate_inp", .all(count), hidden)]
        router = try loader.pack(rows: hasSharedGate ? rows + [loader.vector(gate, hidden)] : rows, columns: hidden)
        routerBias = try loader.optionalVector(prefix + "ffn_gate_inp.bias", count)
        selectionBias = shape.hasSelectionBias ? try loader.vector(prefix + "exp_probs_b.bias", count) : nil
        gates = try loader.matrices(prefix + "ffn_gate_exps", own, width, hidden)
        ups = try loader.matrices(prefix + "ffn_up_exps", own, width, hidden)
        downs = try loader.matrices(prefix + "ffn_down_exps", own, outputs, shape.width)
        gateBiases = try loader.optionalRows(prefix + "ffn_gate_exps.bias", own, width)
        upBiases = try loader.optionalRows(prefix + "ffn_up_exps.bias", own, width)
        downBiases = try loader.optionalRows(prefix + "ffn_down_exps.bias", own, outputs)
        shared =
            shape.sharedWidth > 0
            ? try DenseWeights(
                &loader,
                prefix,
                "_shexp",
                isGated: true,
                width: Extent(part.width, of: shape.sharedWidth),
                hidden: Extent(part.hidden, of: hidden)
            ) : nil
    }

    /// The matrices that one token is multiplied with.
    var usedMatrices: [PackedMatrix] {
        [router] + [gates, ups, downs].flatMap { $0.prefix(perToken) } + (shared?.matrices ?? [])
    }
}
