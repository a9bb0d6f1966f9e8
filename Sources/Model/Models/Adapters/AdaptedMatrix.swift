/// A matrix of a layer that adapters can add to: where it is multiplied, and what a rank has of it.
struct AdaptedMatrix {
    /// What such matrices are called.
    static let names = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"]

    /// Where it is multiplied.
    let operation: AdaptedOperation
    /// Its place among the operation's matrices.
    let product: Int
    /// Output features: all, and those that the rank has.
    let rows: Extent
    /// Input features, which every rank has.
    let columns: Int

    /// The matrix of a name; `nil` if the layer has none that can be added to.
    init?(_ name: String, layer: LayerShape, part: LayerPart, hidden: Int) {
        let (attention, feedForward) = (layer.attention, layer.feedForward)
        let dimension = attention.headDimension
        let outputs = Extent(part.hidden, of: hidden)
        switch (name, feedForward) {
        case ("attn_q", _) where attention.latent == nil:
            (operation, product, columns) = (.attentionInputs, 0, hidden)
            rows = Extent(part.heads, of: attention.headCount).times(dimension)
        case ("attn_k", _) where attention.latent == nil, ("attn_v", _) where attention.latent == nil:
            (operation, product, columns) = (.attentionInputs, name == "attn_k" ? 1 : 2, hidden)
            rows = Extent(part.kvHeads, of: attention.kvHeadCount).times(dimension)
        case ("attn_output", _):
            (operation, product, columns, rows) = (.attentionOutput, 0, attention.outputWidth, outputs)
        case ("ffn_gate", .gated(let width, _)):
            (operation, product, columns) = (.feedForwardInputs, 0, hidden)
            rows = Extent(part.width, of: width)
        case ("ffn_up", .gated(let width, _)):
            (operation, product, columns) = (.feedForwardInputs, 1, hidden)
            rows = Extent(part.width, of: width)
        case ("ffn_up", .plain(let width, _)):
            (operation, product, columns) = (.feedForwardInputs, 0, hidden)
            rows = Extent(part.width, of: width)
        case ("ffn_down", .gated(let width, _)), ("ffn_down", .plain(let width, _)):
            (operation, product, columns, rows) = (.feedForwardOutput, 0, width, outputs)
        default: return nil
        }
    }
}

extension Partition {
    /// A matrix of one of the model's layers, with what the rank has of it if the layer is one of its own; `nil` if it can't be
    /// added to.
    func adaptedMatrix(_ name: String, layer: Int) -> AdaptedMatrix? {
        let shape = whole.layers[layer]
        let isHere = layers.contains(layer)
        let part =
            isHere ? shares[layer - layers.lowerBound][place.tensor] : LayerPart(shape, hidden: whole.hiddenSize)
        return AdaptedMatrix(name, layer: shape, part: part, hidden: whole.hiddenSize)
    }

    /// All of them of a layer.
    func adaptedMatrices(of layer: Int) -> [AdaptedMatrix] {
        AdaptedMatrix.names.compactMap { adaptedMatrix($0, layer: layer) }
    }
}
