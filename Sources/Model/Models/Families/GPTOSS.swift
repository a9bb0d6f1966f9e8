internal import Checkpoints

/// gpt-oss: experts with biases and clamped gates, attention with sinks, biases everywhere, and every other layer with a
/// window.
enum GPTOSS: DecoderFamily {
    static func adapt(_ layer: inout LayerShape, _ tensors: TensorCatalog) {
        layer.attention.needsBiases = true
    }
}
