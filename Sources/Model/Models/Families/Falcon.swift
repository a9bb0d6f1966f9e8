internal import Checkpoints

/// Falcon: attention and feed-forward part side by side, LayerNorm, and a feed-forward part without gates.
///
/// One norm serves both halves in the smaller models. In the larger ones the norm of attention is the second, `attn_norm_2`.
enum Falcon: DecoderFamily {
    static func adapt(_ layer: inout LayerShape, _ tensors: TensorCatalog) {
        let hasTwoNorms = tensors.contains("blk.0.attn_norm_2.weight")
        layer.feedForward = layer.feedForward.ungated
        layer.sharesNorm = layer.residual == .parallel && !hasTwoNorms
        if hasTwoNorms { (layer.attentionNormName, layer.feedForwardNormName) = ("attn_norm_2", "attn_norm") }
    }
}
