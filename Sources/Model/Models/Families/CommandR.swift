internal import Checkpoints

/// Command-R: attention and feed-forward part side by side behind one LayerNorm without bias, neighbouring dimensions
/// rotated, logits scaled; in the large model a norm for each head of queries and keys.
enum CommandR: DecoderFamily {
    static func shape(_ checkpoint: Checkpoint) throws(ModelError) -> DecoderShape {
        var shape = try DecoderShape(checkpoint.configuration)
        let hasHeadNorms = checkpoint.tensors.contains("blk.0.attn_q_norm.weight")
        shape.updateLayers { layer in
            layer.sharesNorm = true
            layer.attention.headNorms = hasHeadNorms ? .eachHead : .none
        }
        return shape
    }
}
