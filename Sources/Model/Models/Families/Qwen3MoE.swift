internal import Checkpoints

/// Qwen 3 with experts.
enum Qwen3MoE: DecoderFamily {
    static func shape(_ checkpoint: Checkpoint) throws(ModelError) -> DecoderShape {
        var shape = try DecoderShape(checkpoint.configuration)
        shape.updateLayers { $0.attention.headNorms = .perHead }
        return shape
    }
}
