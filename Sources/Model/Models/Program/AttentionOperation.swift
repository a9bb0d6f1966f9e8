internal import CPUKernels

/// What is between the products of a layer's attention: its shape, small weights, and its part of the KV cache.
struct AttentionOperation {
    /// How queries, keys and values come from the first products.
    enum Inputs {
        case grouped(GroupedInputs)
        case latent(LatentInputs)

        /// Makes the keys and values of all rows of a batch before any of its rows attends, where tokens see those behind
        /// them; `nil` where they are made together with queries.
        var keyValue: LinearOperation? {
            if case .grouped(let inputs) = self { inputs.keyValue } else { nil }
        }
    }

    let shape: AttentionShape
    let head: HeadShape
    /// The layer, which has a counter of its own.
    let layer: Int
    /// Which of the shape's ways to cut work it is.
    let cut: Int
    let cache: KVLayer
    let sinks: UnsafePointer<Float>?
    let inputs: Inputs

    /// Query heads of a task.
    let groupSize: Int

    /// Writes one token's key and value to the cache.
    func store(
        _ kernels: LayerKernels,
        _ key: UnsafePointer<Float>,
        _ value: UnsafePointer<Float>?,
        head: Int,
        position: Int,
        blocks: BlockRows,
    ) {
        kernels.store_key_value(
            cache.type,
            key,
            value,
            self.head,
            Int32(position % KVStorage.tileTokens),
            cache.tile(head: head, position: position, blocks: blocks[cache.group])
        )
    }
}

/// The small weights of queries, keys and values of their own.
struct GroupedInputs {
    let queryBias: UnsafePointer<Float>?
    let keyBias: UnsafePointer<Float>?
    let valueBias: UnsafePointer<Float>?
    let queryNorm: NormOperation?
    let keyNorm: NormOperation?
    /// Whether heads can't be finished one by one.
    let needsWholeRows: Bool
    /// What adds up what norms of all heads need, where other ranks have some of them.
    let sharedNorm: SharedHeadNorm?
    /// See `AttentionOperation.Inputs`.
    let keyValue: LinearOperation?

    init(
        _ weights: GroupedWeights,
        attention: AttentionShape,
        shape: DecoderShape,
        keyValue: LinearOperation?,
        ranks: RankSum?,
        sums: UnsafeMutablePointer<Float>,
    ) {
        self.keyValue = keyValue
        sharedNorm = ranks.flatMap { ranks in
            attention.sharedNorm.map {
                SharedHeadNorm(shape: $0, epsilon: shape.normEpsilon, ranks: ranks, sums: sums)
            }
        }
        queryBias = weights.query.bias?.base
        keyBias = weights.key.bias?.base
        valueBias = weights.value.bias?.base
        needsWholeRows = attention.headNorms == .allHeads
        let dimension = attention.headDimension
        let (queryWidth, keyWidth) = needsWholeRows ? (attention.queryWidth, attention.kvWidth) : (dimension, dimension)
        let stride = attention.headNorms == .eachHead ? dimension : 0
        queryNorm = weights.queryNorm.map {
            NormOperation($0, shape: shape, width: queryWidth, headStride: stride)
        }
        keyNorm = weights.keyNorm.map { NormOperation($0, shape: shape, width: keyWidth, headStride: stride) }
    }
}
