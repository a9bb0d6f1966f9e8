internal import CPUKernels

extension AttentionShape {
    /// What the attention kernels know of a KV head.
    var head: HeadShape {
        guard let latent else { return head_shape(Int32(headDimension)) }
        return HeadShape(keys: Int32(latent.cachedWidth), values: Int32(latent.rank), values_are_keys: 1)
    }

    /// KV heads that are cached.
    var cachedHeadCount: Int { latent == nil ? kvHeadCount : 1 }

    /// Query heads that one task takes: those of a KV head, or as many of a latent's as make enough tasks.
    var taskHeadCount: Int {
        guard latent != nil else { return groupSize }
        return (1...16).last { headCount % $0 == 0 } ?? 1
    }

    /// Numbers of a row of queries, keys and values, or of what they are made from.
    var firstWidth: Int {
        guard let latent else { return width }
        return (latent.queryRank > 0 ? latent.queryRank : headCount * latent.queryWidth) + latent.cachedWidth
    }
}

/// What decides how the attention of a layer is cut into pieces of work.
struct AttentionCut: Hashable {
    /// Tasks of a row.
    let taskCount: Int
    /// Query heads of a task.
    let groupSize: Int
    /// Floats of a row's partial result.
    let partialFloats: Int

    init(_ attention: AttentionShape) {
        groupSize = attention.taskHeadCount
        taskCount = attention.headCount / groupSize
        partialFloats = attention_partial_floats(attention.head)
    }
}
