/// What a rank has of one layer: some rows of every matrix, and so some numbers of every product.
struct LayerPart: Sendable, Hashable {
    /// Query heads.
    var heads: Range<Int>
    /// KV heads, which other ranks may have as well; all of them where there is a latent.
    var kvHeads: Range<Int>
    /// Numbers of a row of the residual: outputs of attention and of the part that all tokens use.
    var hidden: Range<Int>
    /// Numbers between the two products of the part that all tokens use.
    var width: Range<Int>
    /// Experts; none where there is no mixture.
    var experts = 0..<0
    /// Numbers between their products.
    var expertWidth = 0..<0
    /// Numbers of a row of the residual that their outputs make.
    var expertHidden = 0..<0

    /// All of a layer.
    init(_ layer: LayerShape, hidden: Int) {
        heads = 0..<layer.attention.headCount
        kvHeads = 0..<layer.attention.kvHeadCount
        self.hidden = 0..<hidden
        width = 0..<layer.feedForward.width
        if let mixture = layer.feedForward.experts {
            experts = 0..<mixture.count
            expertWidth = 0..<mixture.width
            expertHidden = 0..<hidden
        }
    }
}

extension LayerShape {
    /// The layer as a rank computes it.
    func taking(_ part: LayerPart) -> LayerShape {
        var layer = self
        layer.attention.headCount = part.heads.count
        if attention.latent == nil { layer.attention.kvHeadCount = part.kvHeads.count }
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
