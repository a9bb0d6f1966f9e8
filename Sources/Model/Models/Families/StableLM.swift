internal import Checkpoints

/// StableLM: LayerNorm and partly rotated heads; in StableLM 2 12B attention and feed-forward part side by side behind one
/// norm, and a norm for each head of queries and keys.
enum StableLM: DecoderFamily {
    static func adapt(_ layer: inout LayerShape, _ tensors: TensorCatalog) {
        let hasHeadNorms = tensors.contains("blk.0.attn_q_norm.weight")
        layer.sharesNorm = layer.residual == .parallel
        layer.attention.headNorms = hasHeadNorms ? .eachHead : .none
    }
}
