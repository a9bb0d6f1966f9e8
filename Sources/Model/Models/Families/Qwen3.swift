internal import Checkpoints

/// Qwen 3: each head of queries and keys is normed instead of biased.
enum Qwen3: DecoderFamily {
    static func shape(_ checkpoint: Checkpoint) throws(ModelError) -> DecoderShape {
        var shape = try DecoderShape(checkpoint.configuration)
        shape.updateLayers { $0.attention.headNorms = .perHead }
        return shape
    }
}
