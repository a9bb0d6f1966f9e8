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
    /// The norms of all heads, where other ranks have some of them.
    let sharedNorm: SharedHeadNorm?
    /// See `AttentionOperation.Inputs`.
    let keyValue: LinearOperation?

    init(
        _ weights: GroupedWeights,
        attention: AttentionShape,
        shape: DecoderShape,
        keyValue: LinearOperation?,
        sharedNorm: SharedHeadNorm?,
    ) {
        self.keyValue = keyValue
        self.sharedNorm = sharedNorm
        queryBias = weights.query.bias?.base
        keyBias = weights.key.bias?.base
        valueBias = weights.value.bias?.base
        let needsWholeRows = attention.headNorms == .allHeads
        self.needsWholeRows = needsWholeRows
        let dimension = attention.headDimension
        let width = { (norm: NormWeights) in needsWholeRows ? norm.weight.count : dimension }
        let stride = attention.headNorms == .eachHead ? dimension : 0
        queryNorm = weights.queryNorm.map { NormOperation($0, shape: shape, width: width($0), headStride: stride) }
        keyNorm = weights.keyNorm.map { NormOperation($0, shape: shape, width: width($0), headStride: stride) }
    }
}
