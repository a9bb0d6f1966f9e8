internal import Checkpoints

/// GPT-NeoX and Pythia: attention and feed-forward part side by side, each with a LayerNorm of its own, biases everywhere,
/// and a feed-forward part without gates.
enum GPTNeoX: DecoderFamily {
    static func adapt(_ layer: inout LayerShape, _ tensors: TensorCatalog) {
        layer.feedForward = layer.feedForward.ungated
    }
}
