internal import Checkpoints

/// Qwen 1.5 and 2 with experts: Qwen 2 with a mixture, and an expert that all tokens share behind a gate of its own.
enum Qwen2MoE: DecoderFamily {
    static func adapt(_ layer: inout LayerShape, _ tensors: TensorCatalog) {
        layer.attention.needsBiases = true
    }
}
