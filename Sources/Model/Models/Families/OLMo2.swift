internal import Checkpoints

/// OLMo 2: norms behind attention and feed-forward part rather than before them, and on all heads of queries and keys
/// together.
enum OLMo2: DecoderFamily {
    static func shape(_ checkpoint: Checkpoint) throws(ModelError) -> DecoderShape {
        var shape = try DecoderShape(checkpoint.configuration)
        shape.updateLayers { layer in
            layer.attention.headNorms = .allHeads
            layer.norms = .behind
        }
        return shape
    }
}
