internal import CPUKernels

/// Norms of all heads of a row together, where other ranks have some of them: each rank norms them all and keeps its own.
struct SharedHeadNorm {
    /// Brings together all ranks' queries, keys and values.
    let gather: RankGather
    /// Which numbers of all heads' queries each rank has.
    private let queries: UnsafeBufferPointer<Range<Int>>
    /// The same of keys, which several ranks may have.
    private let keys: UnsafeBufferPointer<Range<Int>>
    /// Which rank this is.
    private let own: Int

    init(
        _ group: RankGroup,
        shares: [LayerPart],
        dimension: Int,
        memory: UnsafeMutablePointer<Float>,
        arrays: RawArrays
    ) {
        own = group.place.tensor
        queries = arrays.add(shares.map { $0.heads.times(dimension) })
        keys = arrays.add(shares.map { $0.kvHeads.times(dimension) })
        var next = 0
        let parts = shares.map { share in
            defer { next += (share.heads.count + 2 * share.kvHeads.count) * dimension }
            return next..<next + (share.heads.count + 2 * share.kvHeads.count) * dimension
        }
        gather = RankGather(group, parts: parts, own: own, memory: memory, arrays: arrays)
    }

    /// Replaces this rank's queries or keys of a row of `rows` by their norms; `scratch` holds all ranks'.
    func apply(
        _ kernels: LayerKernels,
        _ norm: NormOperation,
        _ numbers: UnsafeMutablePointer<Float>,
        row: Int,
        of rows: Int,
        areKeys: Bool,
        scratch: UnsafeMutablePointer<Float>,
    ) {
        let parts = areKeys ? keys : queries
        for rank in parts.indices {
            let source = gather.part(of: rank, row: row, rows: rows) + (areKeys ? queries[rank].count : 0)
            (scratch + parts[rank].lowerBound).update(from: source, count: parts[rank].count)
        }
        norm.apply(kernels, scratch, to: scratch)
        numbers.update(from: scratch + parts[own].lowerBound, count: parts[own].count)
    }
}
