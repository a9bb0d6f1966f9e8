/// What a rank has of one layer.
struct LayerPart: Sendable, Hashable {
    /// Query heads.
    var heads: Range<Int>
    /// KV heads, which other ranks may have as well; all of them where there is a latent.
    var kvHeads: Range<Int>
    /// Whether no lower rank has the same KV heads.
    var hasKVHeadsFirst = true
    /// Columns of attention's output matrix: those of the heads and what can't be separated from them.
    var outputColumns: Range<Int>
    /// Columns of the last matrix of the part that all tokens use.
    var width: Range<Int>
    /// Experts; none where there is no mixture.
    var experts = 0..<0
    /// Columns of their last matrices.
    var expertWidth = 0..<0
    /// Whether the biases of the experts' outputs are added here, which only one of the ranks that share experts may do.
    var addsExpertBiases = true

    /// All of a layer.
    init(_ layer: LayerShape) {
        heads = 0..<layer.attention.headCount
        kvHeads = 0..<layer.attention.kvHeadCount
        outputColumns = 0..<layer.attention.outputWidth
        width = 0..<layer.feedForward.width
        if let mixture = layer.feedForward.experts {
            experts = 0..<mixture.count
            expertWidth = 0..<mixture.width
        }
    }
}

extension LayerShape {
    /// The layer as a rank computes it.
    func taking(_ part: LayerPart) -> LayerShape {
        var layer = self
        let width = attention.latent?.valueWidth ?? attention.headDimension
        if part.heads.count < attention.headCount, attention.headNorms == .allHeads {
            layer.attention.sharedNorm = .init(
                queryWidth: attention.queryWidth,
                keyWidth: attention.kvWidth,
                countsKeys: part.hasKVHeadsFirst
            )
        }
        layer.attention.headCount = part.heads.count
        if attention.latent == nil { layer.attention.kvHeadCount = part.kvHeads.count }
        layer.attention.columnsBefore = part.heads.lowerBound * width - part.outputColumns.lowerBound
        layer.attention.columnsBehind = part.outputColumns.upperBound - part.heads.upperBound * width
        switch feedForward {
        case .gated(_, let activation): layer.feedForward = .gated(width: part.width.count, activation)
        case .plain(_, let activation): layer.feedForward = .plain(width: part.width.count, activation)
        case .experts(var mixture):
            mixture.own = part.experts
            mixture.width = part.expertWidth.count
            mixture.sharedWidth = part.width.count
            layer.feedForward = .experts(mixture)
        }
        return layer
    }
}
