internal import Checkpoints

/// Command-R: attention and feed-forward part side by side behind one LayerNorm without bias, neighbouring dimensions
/// rotated, logits scaled; in the large model a norm for each head of queries and keys.
enum CommandR: DecoderFamily {
    static func adapt(_ layer: inout LayerShape, _ tensors: TensorCatalog) {
        let hasHeadNorms = tensors.contains("blk.0.attn_q_norm.weight")
        layer.sharesNorm = true
        layer.attention.headNorms = hasHeadNorms ? .eachHead : .none
    }
}
