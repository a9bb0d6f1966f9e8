internal import Tensors

/// The weights of a layer's attention.
struct AttentionWeights: Sendable {
    /// How queries, keys and values are made.
    enum Inputs: Sendable {
        case grouped(GroupedWeights)
        case latent(LatentWeights)
    }

    let inputs: Inputs
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
        if let latent = attention.latent {
            let heads = attention.headCount
            inputs = .latent(try LatentWeights(&loader, prefix: prefix, latent: latent, heads: heads, hidden: hidden))
        } else {
            inputs = .grouped(try GroupedWeights(&loader, prefix: prefix, attention: attention, hidden: hidden))
        }
        output = try loader.linear(prefix + "attn_output", hidden, attention.outputWidth)
        sinks = attention.hasSinks ? try loader.vector(prefix + "attn_sinks.weight", attention.headCount) : nil
    }

    /// All matrices.
    var matrices: [PackedMatrix] {
        switch inputs {
        case .grouped(let weights): weights.matrices + [output.matrix]
        case .latent(let weights): weights.matrices + [output.matrix]
        }
    }
}

/// What makes queries, keys and values of their own.
struct GroupedWeights: Sendable {
    let query: LinearWeights
    let key: LinearWeights
    let value: LinearWeights
    let queryNorm: NormWeights?
    let keyNorm: NormWeights?
    /// Takes their tensors.
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
    var matrices: [PackedMatrix] { [query, key, value].map(\.matrix) }
}
