internal import Checkpoints

/// OLMoE: Llama with experts, and norms on all heads of queries and keys together.
enum OLMoE: DecoderFamily {
    static func shape(_ checkpoint: Checkpoint) throws(ModelError) -> DecoderShape {
        var shape = try DecoderShape(checkpoint.configuration)
        shape.updateLayers { $0.attention.headNorms = .allHeads }
        return shape
    }
}
