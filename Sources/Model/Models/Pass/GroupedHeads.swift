internal import CPUKernels
internal import Tensors

/// Finishes queries and writes keys and values to the cache, from the products that made them: bias, norm, limit, rotation,
/// scale.
struct GroupedHeads {
    let pass: ForwardPass
    let own: WorkerState
    let attention: AttentionOperation
    let inputs: GroupedInputs
    let chunk: RowChunk

    private var shape: AttentionShape { attention.shape }
    private var dimension: Int { shape.headDimension }

    /// Brings together the ranks' heads where norms need all of them; all workers call it.
    func gather() {
        guard let shared = inputs.sharedNorm else { return }
        for row in own.sharedShare(chunk.rows.count) {
            let queries = pass.memory.queryKeyValue + row * shape.width
            let keys = queries + shape.queryWidth
            addBias(inputs.queryBias, shape.queryWidth, queries)
            addBias(inputs.keyBias, shape.kvWidth, keys)
        }
        pass.gather(shared.gather, pass.memory.queryKeyValue, rows: chunk.rows.count, own)
    }

    /// The queries of all rows of this worker, in place.
    func finishQueries() {
        for row in own.sharedShare(chunk.rows.count) {
            let queries = pass.memory.queryKeyValue + row * shape.width
            normWholeRow(queries, row, inputs.queryBias, inputs.queryNorm, shape.queryWidth, areKeys: false)
            for head in 0..<shape.kvHeadCount {
                finishQueries(queries + head * shape.groupSize * dimension, row: row, head: head)
            }
        }
    }

    /// The keys and values of all rows of this worker, to the cache.
    func storeRows() {
        let share = own.sharedShare(chunk.rows.count)
        for part in chunk.parts {
            for row in share.clamped(to: part.row..<part.row + part.count) {
                let keys = pass.memory.queryKeyValue + row * shape.width + shape.queryWidth
                normWholeRow(keys, row, inputs.keyBias, inputs.keyNorm, shape.kvWidth, areKeys: true)
                for head in 0..<shape.kvHeadCount { store(part, offset: row - part.row, head: head) }
            }
        }
    }

    /// The queries of an item that holds all rows of its sequence, in the worker's own memory, since other items may share the
    /// part's one row; and its keys and values to the cache.
    func finish(_ item: AttentionPlan.Item) -> UnsafeMutablePointer<Float> {
        let group = shape.groupSize * dimension
        let queries = pass.memory.queryKeyValue + item.part.row * shape.width + item.head * group
        for offset in 0..<item.part.count {
            (own.queries + offset * group).update(from: queries + offset * shape.width, count: group)
            finishQueries(own.queries + offset * group, row: item.part.row + offset, head: item.head)
        }
        let segments = (item.part.position + item.part.count - 1) / AttentionPlan.segmentTokens + 1
        if item.segments.map({ $0.upperBound == segments }) ?? true {
            for offset in 0..<item.part.count { store(item.part, offset: offset, head: item.head) }
        }
        return own.queries
    }

    /// Bias, norm and limit of a row's queries or keys whose heads are normed together, in place.
    private func normWholeRow(
        _ heads: UnsafeMutablePointer<Float>,
        _ row: Int,
        _ bias: UnsafePointer<Float>?,
        _ norm: NormOperation?,
        _ width: Int,
        areKeys: Bool,
    ) {
        guard inputs.needsWholeRows else { return }
        if let shared = inputs.sharedNorm, let norm {
            shared.apply(
                pass.kernels,
                norm,
                heads,
                row: row,
                of: chunk.rows.count,
                areKeys: areKeys,
                scratch: own.secondRow
            )
        } else {
            addBias(bias, width, heads)
            norm?.apply(pass.kernels, heads, to: heads)
        }
        limit(heads, width)
    }

    /// The query heads of one KV head, in place.
    private func finishQueries(_ queries: UnsafeMutablePointer<Float>, row: Int, head: Int) {
        let group = shape.groupSize * dimension
        if !inputs.needsWholeRows {
            addBias(inputs.queryBias.map { $0 + head * group }, group, queries)
            for index in 0..<shape.groupSize {
                let query = queries + index * dimension
                inputs.queryNorm?.apply(pass.kernels, query, to: query, head: head * shape.groupSize + index)
            }
            limit(queries, group)
        }
        for index in 0..<shape.groupSize {
            pass.rotate(queries + index * dimension, shape.rotary, row: chunk.start + row)
        }
        pass.kernels.scale(queries, shape.scale, Int32(group), queries)
    }

    /// Writes one token's key and value to the cache.
    private func store(_ part: AttentionPlan.Part, offset: Int, head: Int) {
        let row = part.row + offset
        let source = pass.memory.queryKeyValue + row * shape.width + shape.queryWidth + head * dimension
        let key = own.key
        let value = own.key + dimension
        key.update(from: source, count: dimension)
        value.update(from: source + shape.kvWidth, count: dimension)
        if !inputs.needsWholeRows {
            addBias(inputs.keyBias.map { $0 + head * dimension }, dimension, key)
            inputs.keyNorm?.apply(pass.kernels, key, to: key, head: head)
            limit(key, dimension)
        }
        addBias(inputs.valueBias.map { $0 + head * dimension }, dimension, value)
        limit(value, dimension)
        pass.rotate(key, shape.rotary, row: chunk.start + row)
        attention.store(pass.kernels, key, value, head: head, position: part.position + offset, blocks: part.blocks)
    }

    private func addBias(_ bias: UnsafePointer<Float>?, _ count: Int, _ numbers: UnsafeMutablePointer<Float>) {
        if let bias { pass.kernels.add(bias, Int32(count), numbers) }
    }

    /// Keeps numbers within the limit that some models have, which they set behind their norms.
    private func limit(_ numbers: UnsafeMutablePointer<Float>, _ count: Int) {
        guard shape.clamp > 0 else { return }
        for index in 0..<count { numbers[index] = max(-shape.clamp, min(shape.clamp, numbers[index])) }
    }
}
