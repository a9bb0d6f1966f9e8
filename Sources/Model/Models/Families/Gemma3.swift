internal import Checkpoints

/// Gemma 3, text only: scaled embeddings, norms around both halves of a layer and on the heads of queries and keys,
/// GELU, and layers with a window that rotate by another base than those without.
///
/// (The files' norm weights include the 1 that the reference adds to them.)
enum Gemma3: DecoderFamily {
    static func shape(_ configuration: ModelConfiguration) throws(ModelError) -> DecoderShape {
        var shape = try DecoderShape(configuration)
        shape.updateLayers { layer in
            layer.attention.headNorms = .perHead
            layer.norms = .around
        }
        return shape
    }
}
