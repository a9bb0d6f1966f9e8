internal import Checkpoints

/// Qwen 1.5 and 2 with experts: Qwen 2 with a mixture, and an expert that all tokens share behind a gate of its own.
enum Qwen2MoE: DecoderFamily {
    static func shape(_ checkpoint: Checkpoint) throws(ModelError) -> DecoderShape {
        var shape = try DecoderShape(checkpoint.configuration)
        shape.updateLayers { $0.attention.needsBiases = true }
        return shape
    }
}
