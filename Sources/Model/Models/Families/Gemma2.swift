internal import Checkpoints

/// Gemma 2: scaled embeddings, norms around both halves of a layer, GELU, caps on attention scores and logits, and every
/// other layer with a window.
enum Gemma2: DecoderFamily {
    static func shape(_ checkpoint: Checkpoint) throws(ModelError) -> DecoderShape {
        var shape = try DecoderShape(checkpoint.configuration)
        shape.updateLayers { $0.norms = .around }
        return shape
    }
}
