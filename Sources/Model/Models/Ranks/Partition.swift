internal import Checkpoints

/// What one rank has of a model.
package struct Partition: Sendable {
    /// How the model is dealt.
    package let layout: RankLayout
    /// Where the rank stands.
    package let place: RankPlace
    /// The whole model.
    package let whole: DecoderShape
    /// The model as the rank computes it: its layers, each as small as its part.
    package let shape: DecoderShape
    /// Which of the model's layers those are.
    package let layers: Range<Int>
    /// What each rank of its stage has of each of them.
    let shares: [[LayerPart]]
    /// Rows of the embedding and of the output matrix that it has; none behind the first stage.
    package let vocabulary: Range<Int>
    /// Those of all ranks of the first stage.
    package let vocabularyParts: [Range<Int>]

    /// All of a model.
    init(all shape: DecoderShape) {
        layout = .single
        place = RankLayout.single.place(of: 0)
        (whole, self.shape) = (shape, shape)
        layers = shape.layers.indices
        shares = shape.layers.map { [LayerPart($0, hidden: shape.hiddenSize)] }
        vocabulary = 0..<shape.vocabularySize
        vocabularyParts = [vocabulary]
    }

    /// A rank's part of a model.
    ///
    /// - Parameters:
    ///   - rank: In `0..<layout.size`.
    /// - Throws: `ModelError.badLayout` if some rank would have nothing of something, or the model has what can't be dealt.
    init(dealing shape: DecoderShape, layout: RankLayout, rank: Int) throws(ModelError) {
        let place = layout.place(of: rank)
        let stages = try Self.stages(of: shape, layout)
        let unit = 16
        let normsTogether = shape.layers.contains { $0.attention.headNorms == .allHeads }
        guard layout.tensorParallel == 1 || !normsTogether || shape.isCausal else {
            throw .badLayout("tp_size is \(layout.tensorParallel), but the encoder norms all heads of a token together")
        }
        guard let vocabularyParts = Sharing.even(shape.vocabularySize, grain: unit, parts: layout.tensorParallel) else {
            throw .badLayout(
                "tp_size is \(layout.tensorParallel), but the vocabulary has \(shape.vocabularySize) tokens, which are "
                    + "dealt \(unit) at a time"
            )
        }
        self.layout = layout
        self.place = place
        whole = shape
        layers = stages[place.stage]
        var (shares, own) = ([[LayerPart]](), shape)
        own.layers = []
        for index in layers {
            let parts = try LayerPart.deal(shape.layers[index], index: index, hidden: shape.hiddenSize, layout)
            shares.append(parts)
            own.layers.append(shape.layers[index].taking(parts[place.tensor]))
        }
        self.shares = shares
        self.shape = own
        self.vocabularyParts = vocabularyParts
        vocabulary = place.stage == 0 ? vocabularyParts[place.tensor] : 0..<0
    }

    /// What an output matrix costs beside layers, for each of its weights: layers attend, norm and activate besides, which takes
    /// decoding a quarter to a half as long as their products, and a prompt's rows but the last go through layers alone.
    private static let unembedWeight = 2.0 / 3

    /// Which layers each stage has.
    private static func stages(of shape: DecoderShape, _ layout: RankLayout) throws(ModelError) -> [Range<Int>] {
        if let counts = layout.stageLayers {
            guard counts.reduce(0, +) == shape.layers.count else {
                throw .badLayout("pp_partition is \(counts), but the model has \(shape.layers.count) layers")
            }
            var end = 0
            return counts.map { count in
                defer { end += count }
                return end..<end + count
            }
        }
        let costs = shape.layers.map { $0.weightsPerToken(hidden: shape.hiddenSize) }
        let unembedCost =
            shape.isCausal ? Double(shape.vocabularySize * shape.hiddenSize) * Self.unembedWeight : 0
        guard let stages = Sharing.byCost(costs, parts: layout.pipelineParallel, firstCost: unembedCost) else {
            throw .badLayout("pp_size is \(layout.pipelineParallel), but the model has \(shape.layers.count) layers")
        }
        return stages
    }

    /// What the rank has of each of its layers.
    var parts: [LayerPart] { shares.map { $0[place.tensor] } }

    /// Whether it is all of the model.
    package var isWhole: Bool { layout.size == 1 }
    /// Whether it begins with the embedding, and ends with logits.
    var isFirstStage: Bool { place.stage == 0 }
    /// Whether it has the last layer.
    var isLastStage: Bool { place.stage == layout.pipelineParallel - 1 }
    /// Floats from one row of logits to the next: rank 0 gathers those of the whole vocabulary.
    var logitStride: Int { isFirstStage && place.tensor == 0 ? whole.vocabularySize : vocabulary.count }

    /// Numbers of the longest row that ranks bring together.
    var widestShared: Int {
        whole.widest { layer in
            // Where norms span all heads, each rank gives its queries, keys and values.
            let heads = layer.attention.queryWidth + 2 * layout.tensorParallel * layer.attention.kvWidth
            return max(whole.hiddenSize, layer.widestRow, layer.attention.headNorms == .allHeads ? heads : 0)
        }
    }

    /// The groups of the whole model's layers, with those of their layers that the rank has, as it counts them.
    func kvGroups(_ groups: [KVGroup]) -> [KVGroup] {
        guard !isWhole else { return groups }
        return groups.map { group in
            KVGroup(
                window: group.window,
                layers: group.layers.filter(layers.contains).map { $0 - layers.lowerBound }
            )
        }
    }
}

extension LayerShape {
    /// Weights that a token is multiplied with.
    fileprivate func weightsPerToken(hidden: Int) -> Double {
        var rows = attention.width + attention.outputWidth
        if let latent = attention.latent {
            rows = latent.cachedWidth + latent.queryRank + attention.outputWidth
            rows +=
                attention.headCount * latent.queryWidth * (latent.queryRank > 0 ? latent.queryRank : hidden) / hidden
        }
        switch feedForward {
        case .gated(let width, _): rows += 3 * width
        case .plain(let width, _): rows += 2 * width
        case .experts(let mixture): rows += 3 * (mixture.perToken * mixture.width + mixture.sharedWidth) + mixture.count
        }
        return Double(rows) * Double(hidden)
    }
}
