internal import Checkpoints

/// Qwen 3 with experts.
enum Qwen3MoE: DecoderFamily {
    static func adapt(_ layer: inout LayerShape, _ tensors: TensorCatalog) {
        layer.attention.headNorms = .perHead
    }
}
