internal import Checkpoints

/// Gemma 2: scaled embeddings, norms around both halves of a layer, GELU, caps on attention scores and logits, and every
/// other layer with a window.
enum Gemma2: DecoderFamily {
    static func adapt(_ layer: inout LayerShape, _ tensors: TensorCatalog) {
        layer.norms = .around
    }
}
