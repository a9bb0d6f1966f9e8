internal import Tensors

/// The weights of one layer.
struct LayerWeights: Sendable {
    let attentionNorm: NormWeights?
    let attention: AttentionWeights
    let postAttentionNorm: NormWeights?
    let feedForwardNorm: NormWeights?
    let feedForward: FeedForwardWeights
    let postFeedForwardNorm: NormWeights?

    /// Takes one layer's tensors.
    init(_ loader: inout WeightLoader, prefix: String, layer: LayerShape, shape: DecoderShape) throws(ModelError) {
        let hidden = shape.hiddenSize
        attentionNorm = layer.hasNormsBefore ? try loader.norm(prefix + layer.attentionNormName, hidden) : nil
        attention = try AttentionWeights(&loader, prefix: prefix, attention: layer.attention, hidden: hidden)
        feedForwardNorm =
            layer.hasNormsBefore && !layer.sharesNorm
            ? try loader.norm(prefix + layer.feedForwardNormName, hidden) : nil
        feedForward = try FeedForwardWeights(&loader, prefix: prefix, shape: layer.feedForward, hidden: hidden)
        postAttentionNorm = layer.hasNormsBehind ? try loader.norm(prefix + "post_attention_norm", hidden) : nil
        postFeedForwardNorm = layer.hasNormsBehind ? try loader.norm(prefix + "post_ffw_norm", hidden) : nil
    }

    /// The matrices that one token is multiplied with.
    var usedMatrices: [PackedMatrix] { attention.matrices + feedForward.usedMatrices }
}

/// The weights of a layer's attention.
struct AttentionWeights: Sendable {
    let query: LinearWeights
    let key: LinearWeights
    let value: LinearWeights
    let queryNorm: NormWeights?
    let keyNorm: NormWeights?
    /// `[query heads]`.
    let sinks: FloatVector?
    let output: LinearWeights

    /// Takes the attention's tensors.
    init(
        _ loader: inout WeightLoader,
        prefix: String,
        attention: AttentionShape,
        hidden: Int,
    ) throws(ModelError) {
        let required = attention.needsBiases
        query = try loader.linear(prefix + "attn_q", attention.queryWidth, hidden, needsBias: required)
        key = try loader.linear(prefix + "attn_k", attention.kvWidth, hidden, needsBias: required)
        value = try loader.linear(prefix + "attn_v", attention.kvWidth, hidden, needsBias: required)
        output = try loader.linear(prefix + "attn_output", hidden, attention.queryWidth)
        sinks = attention.hasSinks ? try loader.vector(prefix + "attn_sinks.weight", attention.headCount) : nil
        let dimension = attention.headDimension
        switch attention.headNorms {
        case .none: (queryNorm, keyNorm) = (nil, nil)
        case .perHead:
            queryNorm = try loader.norm(prefix + "attn_q_norm", dimension)
            keyNorm = try loader.norm(prefix + "attn_k_norm", dimension)
        case .eachHead:
            let queries = try loader.rows(prefix + "attn_q_norm", attention.headCount, dimension)
            let keys = try loader.rows(prefix + "attn_k_norm", attention.kvHeadCount, dimension)
            (queryNorm, keyNorm) = (NormWeights(weight: queries, bias: nil), NormWeights(weight: keys, bias: nil))
        case .allHeads:
            queryNorm = try loader.norm(prefix + "attn_q_norm", attention.queryWidth)
            keyNorm = try loader.norm(prefix + "attn_k_norm", attention.kvWidth)
        }
    }

    /// All matrices.
    var matrices: [PackedMatrix] { [query, key, value, output].map(\.matrix) }
}
