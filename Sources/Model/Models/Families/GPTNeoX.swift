internal import Checkpoints

/// GPT-NeoX and Pythia: attention and feed-forward part side by side, each with a LayerNorm of its own, biases everywhere,
/// and a feed-forward part without gates.
enum GPTNeoX: DecoderFamily {
    static func shape(_ checkpoint: Checkpoint) throws(ModelError) -> DecoderShape {
        var shape = try DecoderShape(checkpoint.configuration)
        shape.updateLayers { $0.feedForward = $0.feedForward.ungated }
        return shape
    }
}
