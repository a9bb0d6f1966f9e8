internal import Checkpoints

/// OLMoE: Llama with experts, and norms on all heads of queries and keys together.
enum OLMoE: DecoderFamily {
    static func adapt(_ layer: inout LayerShape, _ tensors: TensorCatalog) {
        layer.attention.headNorms = .allHeads
    }
}
