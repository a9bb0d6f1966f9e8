extension LayerPart {
    /// What a rank gets of a layer.
    ///
    /// - Parameter index: The layer, for messages and names.
    /// - Throws: `ModelError.badLayout` if some rank would get nothing of something.
    init(
        _ layer: LayerShape,
        index: Int,
        _ grains: ColumnGrains,
        _ layout: RankLayout,
        _ place: RankPlace,
    ) throws(ModelError) {
        self.init(layer)
        let ranks = layout.tensorParallel
        guard ranks > 1 else { return }
        let (attention, prefix) = (layer.attention, "blk.\(index).")
        (heads, kvHeads, hasKVHeadsFirst) = try Self.heads(attention, index: index, ranks: ranks, tensor: place.tensor)
        let headWidth = attention.latent?.valueWidth ?? attention.headDimension
        let grain = try grains.grain(prefix + "attn_output.weight")
        outputColumns = Self.widen(
            heads.lowerBound * headWidth..<heads.upperBound * headWidth,
            grain: grain,
            limit: attention.outputWidth
        )
        switch layer.feedForward {
        case .gated, .plain:
            width = try Self.columns(layer.feedForward.width, prefix + "ffn_down.weight", grains, ranks)[place.tensor]
        case .experts(let mixture):
            guard let dealt = Sharing.even(mixture.count, grain: 1, parts: layout.expertParallel) else {
                throw .badLayout(
                    "moe_expert_parallel_size is \(layout.expertParallel), but layer \(index) has \(mixture.count) experts"
                )
            }
            experts = dealt[place.expert]
            expertWidth = try Self.columns(
                mixture.width,
                prefix + "ffn_down_exps.weight",
                grains,
                layout.expertTensorParallel
            )[place.expertTensor]
            addsExpertBiases = place.expertTensor == 0
            guard mixture.sharedWidth > 0 else { return }
            width = try Self.columns(mixture.sharedWidth, prefix + "ffn_down_shexp.weight", grains, ranks)[place.tensor]
        }
    }

    /// Query heads and KV heads of a rank.
    ///
    /// KV heads are dealt, each with its query heads. Where there are too few, some ranks share one: each of them has it, and
    /// some of its query heads.
    private static func heads(
        _ attention: AttentionShape,
        index: Int,
        ranks: Int,
        tensor: Int,
    ) throws(ModelError) -> (heads: Range<Int>, kvHeads: Range<Int>, isFirst: Bool) {
        let tooMany = ModelError.badLayout(
            "tp_size is \(ranks), but layer \(index) has \(attention.headCount) heads in \(attention.kvHeadCount) groups, "
                + "which are too few for so many ranks"
        )
        guard attention.latent == nil else {
            guard let heads = Sharing.even(attention.headCount, grain: 1, parts: ranks) else { throw tooMany }
            return (heads[tensor], 0..<attention.kvHeadCount, tensor == 0)
        }
        let (count, group) = (attention.kvHeadCount, attention.groupSize)
        if let own = Sharing.even(count, grain: 1, parts: ranks)?[tensor] {
            return (own.lowerBound * group..<own.upperBound * group, own, true)
        }
        let head = tensor * count / ranks
        let sharing = (0..<ranks).filter { $0 * count / ranks == head }
        guard let shares = Sharing.even(group, grain: 1, parts: sharing.count) else { throw tooMany }
        let own = shares[tensor - sharing[0]]
        return (
            head * group + own.lowerBound..<head * group + own.upperBound, head..<head + 1, tensor == sharing[0]
        )
    }

    /// All ranks' shares of the columns of a matrix.
    private static func columns(
        _ count: Int,
        _ name: String,
        _ grains: ColumnGrains,
        _ ranks: Int,
    ) throws(ModelError) -> [Range<Int>] {
        let grain = try grains.grain(name)
        guard let shares = Sharing.even(count, grain: grain, parts: ranks) else {
            throw .badLayout(
                "the \(count) columns of '\(name)' can be cut only at every \(grain)th, which is too coarse for \(ranks) ranks"
            )
        }
        return shares
    }

    /// The least range between borders that holds a range.
    private static func widen(_ range: Range<Int>, grain: Int, limit: Int) -> Range<Int> {
        range.lowerBound / grain * grain..<min(limit, (range.upperBound + grain - 1) / grain * grain)
    }
}
