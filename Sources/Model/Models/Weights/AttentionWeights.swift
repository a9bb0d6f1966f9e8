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

    /// Takes the part of the attention's tensors that a rank has.
    init(
        _ loader: inout WeightLoader,
        prefix: String,
        attention: AttentionShape,
        part: LayerPart,
        hidden: Int,
    ) throws(ModelError) {
        let heads = Extent(part.heads, of: attention.headCount)
        if let latent = attention.latent {
            inputs = .latent(try LatentWeights(&loader, prefix: prefix, latent: latent, heads: heads, hidden: hidden))
        } else {
            let kvHeads = Extent(part.kvHeads, of: attention.kvHeadCount)
            inputs = .grouped(
                try GroupedWeights(
                    &loader,
                    prefix: prefix,
                    attention: attention,
                    heads: heads,
                    kvHeads: kvHeads,
                    hidden: hidden
                )
            )
        }
        output = try loader.output(prefix + "attn_output", Extent(part.hidden, of: hidden), attention.outputWidth)
        sinks = attention.hasSinks ? try loader.vector(prefix + "attn_sinks.weight", heads) : nil
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
    /// Takes the tensors of some heads.
    init(
        _ loader: inout WeightLoader,
        prefix: String,
        attention: AttentionShape,
        heads: Extent,
        kvHeads: Extent,
        hidden: Int,
    ) throws(ModelError) {
        let (required, dimension) = (attention.needsBiases, attention.headDimension)
        let (queries, keys) = (heads.times(dimension), kvHeads.times(dimension))
        query = try loader.linear(prefix + "attn_q", queries, hidden, needsBias: required)
        key = try loader.linear(prefix + "attn_k", keys, hidden, needsBias: required)
        value = try loader.linear(prefix + "attn_v", keys, hidden, needsBias: required)
        switch attention.headNorms {
        case .none: (queryNorm, keyNorm) = (nil, nil)
        case .perHead:
            queryNorm = try loader.norm(prefix + "attn_q_norm", dimension)
            keyNorm = try loader.norm(prefix + "attn_k_norm", dimension)
        case .eachHead:
            let queries = try loader.rows(prefix + "attn_q_norm", heads, dimension)
            let keys = try loader.rows(prefix + "attn_k_norm", kvHeads, dimension)
            (queryNorm, keyNorm) = (NormWeights(weight: queries, bias: nil), NormWeights(weight: keys, bias: nil))
        case .allHeads:
            queryNorm = try loader.norm(prefix + "attn_q_norm", queries.whole)
            keyNorm = try loader.norm(prefix + "attn_k_norm", keys.whole)
        }
    }

    /// All matrices.
    var matrices: [PackedMatrix] { [query, key, value].map(\.matrix) }
}
