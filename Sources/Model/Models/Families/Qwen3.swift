internal import Checkpoints

/// Qwen 3: each head of queries and keys is normed instead of biased.
enum Qwen3: DecoderFamily {
    static func adapt(_ layer: inout LayerShape, _ tensors: TensorCatalog) {
        layer.attention.headNorms = .perHead
    }
}
