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

    /// Takes their tensors.
    init(
        _ loader: inout WeightLoader,
        prefix: String,
        latent: LatentShape,
        heads: Int,
        hidden: Int,
    ) throws(ModelError) {
        let queryWidth = heads * latent.queryWidth
        if latent.queryRank > 0 {
            query = try loader.matrix(prefix + "attn_q_a", latent.queryRank, hidden)
            queryNorm = try loader.norm(prefix + "attn_q_a_norm", latent.queryRank)
            secondQuery = try loader.matrix(prefix + "attn_q_b", queryWidth, latent.queryRank)
        } else {
            query = try loader.matrix(prefix + "attn_q", queryWidth, hidden)
            (queryNorm, secondQuery) = (nil, nil)
        }
        self.latent = try loader.matrix(prefix + "attn_kv_a_mqa", latent.cachedWidth, hidden)
        latentNorm = try loader.norm(prefix + "attn_kv_a_norm", latent.rank)
        keyHeads = try loader.matrices(prefix + "attn_k_b", heads, latent.rank, latent.plainWidth)
        valueHeads = try loader.matrices(prefix + "attn_v_b", heads, latent.valueWidth, latent.rank)
    }

    /// All matrices.
    var matrices: [PackedMatrix] {
        [query, latent] + (secondQuery.map { [$0] } ?? []) + keyHeads + valueHeads
    }
}
