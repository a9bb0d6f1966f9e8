internal import Checkpoints

/// OLMo 2: norms behind attention and feed-forward part rather than before them, and on all heads of queries and keys
/// together.
enum OLMo2: DecoderFamily {
    static func adapt(_ layer: inout LayerShape, _ tensors: TensorCatalog) {
        layer.attention.headNorms = .allHeads
        layer.norms = .behind
    }
}
