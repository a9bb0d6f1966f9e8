internal import Checkpoints

/// GPT-2: learned positions, LayerNorm, biases everywhere, and a feed-forward part without gates.
enum GPT2: DecoderFamily {
    static func adapt(_ layer: inout LayerShape, _ tensors: TensorCatalog) {
        layer.feedForward = layer.feedForward.ungated
    }
}
