internal import Tensors

/// The mixture of experts of a layer.
struct ExpertOperation {
    /// One expert's matrices and biases.
    struct Expert {
        let gate: PackedTiles
        let up: PackedTiles
        let down: PackedTiles
        let gateBias: UnsafePointer<Float>?
        let upBias: UnsafePointer<Float>?
        let downBias: UnsafePointer<Float>?
    }

    let shape: ExpertShape
    /// Outputs of the last matrices.
    let outputWidth: Int
    /// What ranks exchange between the products; `nil` where none shares its experts.
    let sharing: Sharing?
    /// What they exchange behind them; `nil` where none has other experts.
    let dealing: Dealing?
    /// From normed rows to a logit per expert, and behind them one for the shared part where that has a gate.
    let router: LinearOperation
    /// Added to the experts' logits.
    let routerBias: UnsafePointer<Float>?
    /// Takes part in choosing.
    let selectionBias: UnsafePointer<Float>?
    /// Those that the rank has.
    let experts: UnsafeBufferPointer<Expert>
    /// What gates and ups want.
    let firstNeeds: ActivationNeeds
    /// What the last matrices want.
    let downNeeds: ActivationNeeds
    let activation: GatedActivation
    /// The part that all tokens use, into `memory.sharedOutput`.
    let shared: DenseOperation?
    /// Whether the shared part's output is multiplied with the sigmoid of the last logit.
    let hasSharedGate: Bool
    let memory: ExpertMemory

    /// Numbers of a row that are added up here.
    func combinedWidth(hidden: Int) -> Int { dealing == nil ? outputWidth : hidden }

    /// Logits of a row.
    var logitCount: Int { shape.count + (hasSharedGate ? 1 : 0) }
}
