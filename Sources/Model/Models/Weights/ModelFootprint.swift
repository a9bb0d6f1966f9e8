internal import Tensors

/// How many weights a model's matrices have and what they take packed: the terms of memory traffic and arithmetic.
///
/// Of experts only as many count as a token uses, so one token alone takes two operations per weight and reads every packed
/// byte once. The embedding isn't part of it: of
/// that, a token reads one row.
public struct ModelFootprint: Sendable, Hashable {
    /// Weights of all layers' matrices.
    public var layerWeights: Int
    /// Weights of the output matrix, also where it has the embedding's numbers.
    public var headWeights: Int
    /// Bytes of all layers' packed matrices.
    public var packedLayerBytes: Int
    /// Bytes of the packed output matrix.
    public var packedHeadBytes: Int

    /// A footprint of given sizes.
    public init(layerWeights: Int, headWeights: Int, packedLayerBytes: Int, packedHeadBytes: Int) {
        self.layerWeights = layerWeights
        self.headWeights = headWeights
        self.packedLayerBytes = packedLayerBytes
        self.packedHeadBytes = packedHeadBytes
    }

    /// Bytes of packed weights that decoding one token reads.
    public var packedBytes: Int { packedLayerBytes + packedHeadBytes }
}

extension ModelFootprint {
    /// The footprint of loaded weights.
    init(_ weights: DecoderWeights) {
        let matrices = weights.layers.flatMap(\.usedMatrices)
        self.init(
            layerWeights: matrices.reduce(0) { $0 + $1.rows * $1.columns },
            headWeights: (weights.unembed?.matrix).map { $0.rows * $0.columns } ?? 0,
            packedLayerBytes: matrices.reduce(0) { $0 + $1.byteCount },
            packedHeadBytes: weights.unembed?.matrix.byteCount ?? 0
        )
    }
}
