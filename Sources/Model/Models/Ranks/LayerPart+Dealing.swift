extension LayerPart {
    /// Numbers that share a scale where activations are rounded to 8 bits, and so stay together.
    private static let grain = 32
    /// Rows of a matrix that are packed together.
    private static let unit = 16

    /// What each rank of a stage gets of a layer.
    ///
    /// - Parameters:
    ///   - index: The layer, for messages.
    ///   - hidden: Width of the residual.
    /// - Throws: `ModelError.badLayout` if some rank would get nothing of something.
    static func deal(
        _ layer: LayerShape,
        index: Int,
        hidden: Int,
        _ layout: RankLayout,
    ) throws(ModelError) -> [LayerPart] {
        let ranks = layout.tensorParallel
        var parts = [LayerPart](repeating: LayerPart(layer, hidden: hidden), count: ranks)
        guard ranks > 1 else { return parts }
        let hiddens = try share(hidden, unit, "a residual", index, ranks)
        let widths =
            layer.feedForward.width == 0
            ? nil : try share(layer.feedForward.width, grain, "a feed-forward part", index, ranks)
        for rank in 0..<ranks {
            (parts[rank].heads, parts[rank].kvHeads) =
                try heads(layer.attention, index: index, ranks: ranks, tensor: rank)
            parts[rank].hidden = hiddens[rank]
            if let widths { parts[rank].width = widths[rank] }
        }
        guard let mixture = layer.feedForward.experts else { return parts }
        guard let dealt = Sharing.even(mixture.count, grain: 1, parts: layout.expertParallel) else {
            throw .badLayout(
                "moe_expert_parallel_size is \(layout.expertParallel), but layer \(index) has \(mixture.count) experts"
            )
        }
        let sharing = layout.expertTensorParallel
        let expertWidths = try share(mixture.width, grain, "experts", index, sharing)
        let expertHiddens = try share(hidden, unit, "a residual", index, sharing)
        for rank in 0..<ranks {
            let place = layout.place(of: rank)
            parts[rank].experts = dealt[place.expert]
            parts[rank].expertWidth = expertWidths[place.expertTensor]
            parts[rank].expertHidden = expertHiddens[place.expertTensor]
        }
        return parts
    }

    private static func share(
        _ count: Int,
        _ grain: Int,
        _ name: String,
        _ index: Int,
        _ ranks: Int,
    ) throws(ModelError) -> [Range<Int>] {
        guard let shares = Sharing.even(count, grain: grain, parts: ranks) else {
            throw .badLayout(
                "\(ranks) ranks share \(name), but layer \(index) has \(name) of \(count) numbers, which are dealt \(grain) at a time"
            )
        }
        return shares
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
    ) throws(ModelError) -> (heads: Range<Int>, kvHeads: Range<Int>) {
        let tooMany = ModelError.badLayout(
            "tp_size is \(ranks), but layer \(index) has \(attention.headCount) heads in \(attention.kvHeadCount) groups, "
                + "which are too few for so many ranks"
        )
        guard attention.latent == nil else {
            guard let heads = Sharing.even(attention.headCount, grain: 1, parts: ranks) else { throw tooMany }
            return (heads[tensor], 0..<attention.kvHeadCount)
        }
        let (count, group) = (attention.kvHeadCount, attention.groupSize)
        if let own = Sharing.even(count, grain: 1, parts: ranks)?[tensor] {
            return (own.lowerBound * group..<own.upperBound * group, own)
        }
        let head = tensor * count / ranks
        let sharing = (0..<ranks).filter { $0 * count / ranks == head }
        guard let shares = Sharing.even(group, grain: 1, parts: sharing.count) else { throw tooMany }
        let own = shares[tensor - sharing[0]]
        return (head * group + own.lowerBound..<head * group + own.upperBound, head..<head + 1)
    }
}
