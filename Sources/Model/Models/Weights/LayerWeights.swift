internal import Tensors

/// The weights of one layer.
struct LayerWeights: Sendable {
    let attentionNorm: NormWeights?
    let attention: AttentionWeights
    let postAttentionNorm: NormWeights?
    let feedForwardNorm: NormWeights?
    let feedForward: FeedForwardWeights
    let postFeedForwardNorm: NormWeights?

    /// Takes the part of one layer's tensors that a rank has.
    init(
        _ loader: inout WeightLoader,
        prefix: String,
        layer: LayerShape,
        part: LayerPart,
        hidden: Int,
    ) throws(ModelError) {
        attentionNorm = layer.hasNormsBefore ? try loader.norm(prefix + layer.attentionNormName, hidden) : nil
        attention = try AttentionWeights(
            &loader,
            prefix: prefix,
            attention: layer.attention,
            part: part,
            hidden: hidden
        )
        feedForwardNorm =
            layer.hasNormsBefore && !layer.sharesNorm
            ? try loader.norm(prefix + layer.feedForwardNormName, hidden) : nil
        feedForward = try FeedForwardWeights(
            &loader,
            prefix: prefix,
            shape: layer.feedForward,
            part: part,
            hidden: hidden
        )
        let (behindAttention, behindFeedForward) = layer.normNamesBehind
        postAttentionNorm = layer.hasNormsBehind ? try loader.norm(prefix + behindAttention, hidden) : nil
        postFeedForwardNorm = layer.hasNormsBehind ? try loader.norm(prefix + behindFeedForward, hidden) : nil
    }

    /// The matrices that one token is multiplied with.
    var usedMatrices: [PackedMatrix] { attention.matrices + feedForward.usedMatrices }
}
