internal import Checkpoints

/// Qwen 2 and 2.5: queries, keys and values have biases.
enum Qwen2: DecoderFamily {
    static func adapt(_ layer: inout LayerShape, _ tensors: TensorCatalog) {
        layer.attention.needsBiases = true
    }
}
