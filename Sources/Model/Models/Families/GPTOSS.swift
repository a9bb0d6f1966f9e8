internal import Checkpoints

/// gpt-oss: experts with biases and clamped gates, attention with sinks, biases everywhere, and every other layer with a
/// window.
enum GPTOSS: DecoderFamily {
    static func shape(_ checkpoint: Checkpoint) throws(ModelError) -> DecoderShape {
        var shape = try DecoderShape(checkpoint.configuration)
        shape.updateLayers { $0.attention.needsBiases = true }
        return shape
    }
}
