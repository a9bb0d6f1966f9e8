internal import Checkpoints

/// Gemma 3, text only: scaled embeddings, norms around both halves of a layer and on the heads of queries and keys,
/// GELU, and layers with a window that rotate by another base than those without.
///
/// (What is stored of the norms' weights lacks 1; GGUF files and our reader of other checkpoints have added it.)
enum Gemma3: DecoderFamily {
    static func adapt(_ layer: inout LayerShape, _ tensors: TensorCatalog) {
        layer.attention.headNorms = .perHead
        layer.norms = .around
    }
}
