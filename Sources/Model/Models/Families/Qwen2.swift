internal import Checkpoints

/// Qwen 2 and 2.5: queries, keys and values have biases.
enum Qwen2: DecoderFamily {
    static func shape(_ checkpoint: Checkpoint) throws(ModelError) -> DecoderShape {
        var shape = try DecoderShape(checkpoint.configuration)
        shape.updateLayers { $0.attention.needsBiases = true }
        return shape
    }
}
