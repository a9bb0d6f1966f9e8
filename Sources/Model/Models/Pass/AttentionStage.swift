internal import CPUKernels
internal import Checkpoints
internal import Tensors

/// One worker's part in the attention of one layer and row chunk.
struct AttentionStage {
    let pass: ForwardPass
    let own: WorkerState
    let attention: AttentionOperation
    let chunk: RowChunk
    private let work: AttentionPlan.Work

    init(pass: ForwardPass, own: WorkerState, attention: AttentionOperation, chunk: RowChunk) {
        self.pass = pass
        self.own = own
        self.attention = attention
        self.chunk = chunk
        work = chunk.attention[attention.cut]
    }

    private var shape: AttentionShape { attention.shape }
    private var dimension: Int { shape.headDimension }

    /// Whether whoever computes a head of some rows finishes their queries and writes their keys and values too.
    var writesOwnKeys: Bool { work.writesOwnKeys && !attention.needsWholeRows }

    /// Finishes queries in place and writes keys and values to the cache, for items that share rows.
    func finishRows() {
        let share = own.sharedShare(chunk.rows.count)
        for part in work.parts {
            for row in share.clamped(to: part.row..<part.row + part.count) {
                let queries = pass.memory.queryKeyValue + row * shape.width
                normWholeRow(queries)
                for head in 0..<shape.kvHeadCount {
                    finishQueries(queries + head * shape.groupSize * dimension, row: row, head: head)
                    store(part, offset: row - part.row, head: head)
                }
            }
        }
    }

    /// Takes items until none is left.
    func attend() {
        let items = shape.window > 0 ? work.windowedItems : work.items
        let counter = chunk.counters + attention.layer
        while true {
            let index = Int(counter_next(counter))
            guard index < items.count else { return }
            attend(items[index])
        }
    }

    private func attend(_ item: AttentionPlan.Item) {
        let group = shape.groupSize * dimension
        var queries = pass.memory.queryKeyValue + item.part.row * shape.width + item.head * group
        var queryStride = shape.width
        if writesOwnKeys {
            // Other items may share the part's one row, so the finished queries are the worker's own.
            let copies = own.queries
            for offset in 0..<item.part.count {
                (copies + offset * group).update(from: queries + offset * queryStride, count: group)
                finishQueries(copies + offset * group, row: item.part.row + offset, head: item.head)
            }
            queries = copies
            queryStride = group
            let segments = (item.part.position + item.part.count - 1) / AttentionPlan.segmentTokens + 1
            if item.segments.map({ $0.upperBound == segments }) ?? true {
                for offset in 0..<item.part.count { store(item.part, offset: offset, head: item.head) }
            }
        }
        var task = task(item, queries: queries, queryStride: queryStride)
        guard let segments = item.segments else { return pass.kernels.attend(&task, own.attention) }
        let (first, last) = (Int32(segments.lowerBound), Int32(segments.upperBound))
        let partials = pass.partials + item.partials
        pass.kernels.attend_segments(&task, first, last, partials, own.attention)
        // Whoever finishes a sequence's last item merges all of its segments.
        let done = Int(counter_next(work.counters + item.counter)) + 1
        if done % item.share == 0 {
            let count = item.part.position / AttentionPlan.segmentTokens + 1
            pass.kernels.merge_segments(&task, 0, Int32(count), partials)
        }
    }

    private func task(
        _ item: AttentionPlan.Item,
        queries: UnsafeMutablePointer<Float>,
        queryStride: Int,
    ) -> AttentionTask {
        let group = shape.groupSize * dimension
        return AttentionTask(
            queries: queries,
            query_stride: queryStride,
            output: pass.memory.attended + item.part.row * shape.queryWidth + item.head * group,
            output_stride: shape.queryWidth,
            tokens: Int32(item.part.count),
            group: Int32(shape.groupSize),
            head_dim: Int32(dimension),
            position: Int32(item.part.position),
            window: Int32(shape.window),
            softcap: shape.softcap,
            sinks: attention.sinks.map { $0 + item.head * shape.groupSize },
            cache_type: attention.cache.type,
            cache: attention.cache.base(head: item.head),
            block_stride: attention.cache.blockStride,
            blocks: item.part.blocks,
            tiles_per_block: Int32(attention.cache.tilesPerBlock)
        )
    }

    /// Bias, limit and norm of a row whose heads are normed together, in place.
    private func normWholeRow(_ queries: UnsafeMutablePointer<Float>) {
        guard attention.needsWholeRows else { return }
        let keys = queries + shape.queryWidth
        addBias(attention.queryBias, shape.queryWidth, queries)
        addBias(attention.keyBias, shape.kvWidth, keys)
        attention.queryNorm?.apply(pass.kernels, queries, to: queries)
        attention.keyNorm?.apply(pass.kernels, keys, to: keys)
    }

    /// Bias, norm, rotation and scale of the query heads of one KV head, in place.
    private func finishQueries(_ queries: UnsafeMutablePointer<Float>, row: Int, head: Int) {
        let group = shape.groupSize * dimension
        if !attention.needsWholeRows {
            addBias(attention.queryBias.map { $0 + head * group }, group, queries)
            for index in 0..<shape.groupSize {
                let query = queries + index * dimension
                attention.queryNorm?.apply(pass.kernels, query, to: query, head: head * shape.groupSize + index)
            }
        }
        for index in 0..<shape.groupSize { rotate(queries + index * dimension, row: row) }
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
        if !attention.needsWholeRows {
            addBias(attention.keyBias.map { $0 + head * dimension }, dimension, key)
            attention.keyNorm?.apply(pass.kernels, key, to: key, head: head)
        }
        addBias(attention.valueBias.map { $0 + head * dimension }, dimension, value)
        rotate(key, row: row)
        let position = part.position + offset
        pass.kernels.store_key_value(
            attention.cache.type,
            key,
            value,
            Int32(dimension),
            Int32(position % KVStorage.tileTokens),
            attention.cache.tile(head: head, position: position, blocks: part.blocks)
        )
    }

    /// Adds a bias and keeps the sums within the limit that some models have.
    private func addBias(_ bias: UnsafePointer<Float>?, _ count: Int, _ numbers: UnsafeMutablePointer<Float>) {
        if let bias { pass.kernels.add(bias, Int32(count), numbers) }
        guard shape.clamp > 0 else { return }
        for index in 0..<count { numbers[index] = max(-shape.clamp, min(shape.clamp, numbers[index])) }
    }

    /// Rotates one head, in place.
    private func rotate(_ head: UnsafeMutablePointer<Float>, row: Int) {
        guard let rotary = shape.rotary else { return }
        let half = pass.rotaryDimension / 2
        let cosines = pass.angles(rotary, chunk.start + row)
        switch pass.rotaryLayout {
        case .halves: pass.kernels.rotate_halves(head, cosines, cosines + half, Int32(half))
        case .pairs: pass.kernels.rotate_pairs(head, cosines, cosines + half, Int32(half))
        }
    }
}
