internal import Checkpoints

/// StarCoder2: LayerNorm, biases everywhere, and a feed-forward part without gates.
enum StarCoder2: DecoderFamily {
    static func adapt(_ layer: inout LayerShape, _ tensors: TensorCatalog) {
        layer.feedForward = layer.feedForward.ungated
    }
}
