internal import CPUKernels

/// What is between the products of a layer's attention: its shape, small weights, and its part of the KV cache.
struct AttentionOperation {
    let shape: AttentionShape
    /// The layer, which has a counter of its own.
    let layer: Int
    /// Which of the shape's ways to cut work it is.
    let cut: Int
    let cache: KVLayer
    let queryBias: UnsafePointer<Float>?
    let keyBias: UnsafePointer<Float>?
    let valueBias: UnsafePointer<Float>?
    let queryNorm: NormOperation?
    let keyNorm: NormOperation?
    let sinks: UnsafePointer<Float>?

    init(
        _ weights: AttentionWeights,
        attention: AttentionShape,
        layer: Int,
        cut: Int,
        shape: DecoderShape,
        cache: KVLayer,
    ) {
        self.shape = attention
        self.layer = layer
        self.cut = cut
        self.cache = cache
        queryBias = weights.query.bias?.base
        keyBias = weights.key.bias?.base
        valueBias = weights.value.bias?.base
        sinks = weights.sinks?.base
        let dimension = attention.headDimension
        let isWide = attention.headNorms == .allHeads
        let stride = attention.headNorms == .eachHead ? dimension : 0
        queryNorm = weights.queryNorm.map {
            NormOperation($0, shape: shape, width: isWide ? attention.queryWidth : dimension, headStride: stride)
        }
        keyNorm = weights.keyNorm.map {
            NormOperation($0, shape: shape, width: isWide ? attention.kvWidth : dimension, headStride: stride)
        }
    }

    /// Whether heads can't be finished one by one.
    var needsWholeRows: Bool { shape.headNorms == .allHeads }
}
