internal import Tensors

/// What makes queries, the latent and the rotated key of latent attention.
struct LatentWeights: Sendable {
    /// From the residual to queries, or to what they are made from.
    let query: PackedMatrix
    /// The norm of what queries are made from.
    let queryNorm: NormWeights?
    /// From that to queries.
    let secondQuery: PackedMatrix?
    /// From the residual to the latent and the rotated key.
    let latent: PackedMatrix
    /// The norm of the latent.
    let latentNorm: NormWeights
    /// From a head's plain query to the latent, `[rank, plain]` each.
    let keyHeads: [PackedMatrix]
    /// From the latent to a head's value, `[value, rank]` each.
    let valueHeads: [PackedMatrix]

    /// Takes the tensors of some heads, and what all heads share.
    init(
        _ loader: inout WeightLoader,
        prefix: String,
        latent: LatentShape,
        heads: Extent,
        hidden: Int,
    ) throws(ModelError) {
        let queries = heads.times(latent.queryWidth)
        if latent.queryRank > 0 {
            query = try loader.matrix(prefix + "attn_q_a", .all(latent.queryRank), hidden)
            queryNorm = try loader.norm(prefix + "attn_q_a_norm", latent.queryRank)
            secondQuery = try loader.matrix(prefix + "attn_q_b", queries, latent.queryRank)
        } else {
            query = try loader.matrix(prefix + "attn_q", queries, hidden)
            (queryNorm, secondQuery) = (nil, nil)
        }
        self.latent = try loader.matrix(prefix + "attn_kv_a_mqa", .all(latent.cachedWidth), hidden)
        latentNorm = try loader.norm(prefix + "attn_kv_a_norm", latent.rank)
        keyHeads = try loader.matrices(prefix + "attn_k_b", heads, .all(latent.rank), latent.plainWidth)
        valueHeads = try loader.matrices(prefix + "attn_v_b", heads, .all(latent.valueWidth), latent.rank)
    }

    /// All matrices.
    var matrices: [PackedMatrix] {
        [query, latent] + (secondQuery.map { [$0] } ?? []) + keyHeads + valueHeads
    }
}
