internal import Checkpoints

/// StableLM: LayerNorm and partly rotated heads; in StableLM 2 12B attention and feed-forward part side by side behind one
/// norm, and a norm for each head of queries and keys.
enum StableLM: DecoderFamily {
    static func shape(_ checkpoint: Checkpoint) throws(ModelError) -> DecoderShape {
        var shape = try DecoderShape(checkpoint.configuration)
        let hasHeadNorms = checkpoint.tensors.contains("blk.0.attn_q_norm.weight")
        shape.updateLayers { layer in
            layer.sharesNorm = layer.residual == .parallel
            layer.attention.headNorms = hasHeadNorms ? .eachHead : .none
        }
        return shape
    }
}
