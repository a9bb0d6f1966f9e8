internal import Checkpoints

/// GPT-2: learned positions, LayerNorm, biases everywhere, and a feed-forward part without gates.
enum GPT2: DecoderFamily {
    static func shape(_ checkpoint: Checkpoint) throws(ModelError) -> DecoderShape {
        var shape = try DecoderShape(checkpoint.configuration)
        shape.updateLayers { $0.feedForward = $0.feedForward.ungated }
        return shape
    }
}
