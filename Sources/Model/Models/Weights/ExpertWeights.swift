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
    /// One per expert.
    let gates: [PackedMatrix]
    /// One per expert.
    let ups: [PackedMatrix]
    /// One per expert.
    let downs: [PackedMatrix]
    /// `[experts, width]`.
    let gateBiases: FloatVector?
    /// `[experts, width]`.
    let upBiases: FloatVector?
    /// `[experts, hidden]`.
    let downBiases: FloatVector?
    /// The part that all tokens use.
    let shared: DenseWeights?
    /// Whether that is multiplied with a gate.
    let hasSharedGate: Bool
    private let perToken: Int

    /// Takes the tensors of a mixture.
    init(_ loader: inout WeightLoader, prefix: String, shape: ExpertShape, hidden: Int) throws(ModelError) {
        let (count, width) = (shape.count, shape.width)
        perToken = shape.perToken
        let gate = prefix + "ffn_gate_inp_shexp.weight"
        hasSharedGate = shape.sharedWidth > 0 && loader.contains(gate)
        let rows = [try loader.rows(prefix + "ffn_gate_inp", count, hidden)]
        router = try loader.pack(rows: hasSharedGate ? rows + [loader.vector(gate, hidden)] : rows, columns: hidden)
        routerBias = try loader.optionalVector(prefix + "ffn_gate_inp.bias", count)
        selectionBias = shape.hasSelectionBias ? try loader.vector(prefix + "exp_probs_b.bias", count) : nil
        gates = try loader.matrices(prefix + "ffn_gate_exps", count, width, hidden)
        ups = try loader.matrices(prefix + "ffn_up_exps", count, width, hidden)
        downs = try loader.matrices(prefix + "ffn_down_exps", count, hidden, width)
        gateBiases = try loader.optionalRows(prefix + "ffn_gate_exps.bias", count, width)
        upBiases = try loader.optionalRows(prefix + "ffn_up_exps.bias", count, width)
        downBiases = try loader.optionalRows(prefix + "ffn_down_exps.bias", count, hidden)
        shared =
            shape.sharedWidth > 0
            ? try DenseWeights(&loader, prefix, "_shexp", isGated: true, width: shape.sharedWidth, hidden: hidden) : nil
    }

    /// The matrices that one token is multiplied with.
    var usedMatrices: [PackedMatrix] {
        [router] + [gates, ups, downs].flatMap { $0.prefix(perToken) } + (shared?.matrices ?? [])
    }
}
