internal import Checkpoints

/// StarCoder2: LayerNorm, biases everywhere, and a feed-forward part without gates.
enum StarCoder2: DecoderFamily {
    static func shape(_ checkpoint: Checkpoint) throws(ModelError) -> DecoderShape {
        var shape = try DecoderShape(checkpoint.configuration)
        shape.updateLayers { $0.feedForward = $0.feedForward.ungated }
        return shape
    }
}
