internal import CPUKernels
internal import Tensors

/// One worker's part in the attention of one layer and row tile.
struct AttentionStage {
    let pass: ForwardPass
    let own: WorkerState
    let layer: Int
    let tile: Int

    private var shape: DecoderShape { pass.shape }
    private var dimension: Int { shape.headDimension }
    private var stride: Int { shape.queryWidth + 2 * shape.kvWidth }
    private var weights: DecoderWeights.Layer { pass.weights.layers[layer] }

    /// For chunks that several items share: rotates queries in place, writes keys and values to the cache.
    func rotateAndStore() {
        let share = own.share(pass.plan.tiles[tile].rows.count)
        for part in pass.plan.tiles[tile].attention.parts {
            for row in share.clamped(to: part.row..<part.row + part.count) {
                for head in 0..<shape.kvHeadCount {
                    let queries = pass.workspace.qkv + row * stride + head * shape.groupSize * dimension
                    rotateQueries(queries, row: row, head: head)
                    store(part, offset: row - part.row, head: head)
                }
            }
        }
    }

    /// Takes items until none is left.
    func attend() {
        let plan = pass.plan.tiles[tile].attention
        let items = shape.layers[layer].window > 0 ? plan.windowedItems : plan.items
        let counter = pass.plan.itemCounter(layer: layer, tile: tile)
        while true {
            let index = Int(counter_next(counter))
            guard index < items.count else { return }
            attend(items[index], writesOwnKeys: plan.writesOwnKeys)
        }
    }

    private func attend(_ item: AttentionPlan.Item, writesOwnKeys: Bool) {
        let group = shape.groupSize * dimension
        var queries = pass.workspace.qkv + item.part.row * stride + item.head * group
        var queryStride = stride
        if writesOwnKeys {
            // Other items may share the part's one row, so the rotated queries are the worker's own.
            let copies = own.queries
            for offset in 0..<item.part.count {
                (copies + offset * group).update(from: queries + offset * stride, count: group)
                rotateQueries(copies + offset * group, row: item.part.row + offset, head: item.head)
            }
            queries = copies
            queryStride = group
            let segments = (item.part.position + item.part.count - 1) / AttentionPlan.segmentTokens + 1
            if item.segments.map({ $0.upperBound == segments }) ?? true {
                for offset in 0..<item.part.count { store(item.part, offset: offset, head: item.head) }
            }
        }
        var task = AttentionTask(
            queries: queries,
            query_stride: queryStride,
            output: pass.workspace.attended + item.part.row * shape.queryWidth + item.head * group,
            output_stride: shape.queryWidth,
            tokens: Int32(item.part.count),
            group: Int32(shape.groupSize),
            head_dim: Int32(dimension),
            position: Int32(item.part.position),
            window: Int32(shape.layers[layer].window),
            cache_type: pass.storage.type.kernelType,
            cache: pass.storage.base(layer: layer, head: item.head),
            block_stride: pass.storage.blockStride,
            blocks: item.part.blocks,
            tiles_per_block: Int32(pass.storage.tilesPerBlock)
        )
        guard let segments = item.segments else { return pass.kernels.attend(&task, own.attention) }
        let partials = pass.partials + item.partials
        pass.kernels.attend_segments(
            &task,
            Int32(segments.lowerBound),
            Int32(segments.upperBound),
            partials,
            own.attention
        )
        // Whoever finishes a sequence's last item merges all of its segments.
        let done = Int(counter_next(pass.plan.mergeCounter(item.counter, tile: tile))) + 1
        if done % item.share == 0 {
            let count = item.part.position / AttentionPlan.segmentTokens + 1
            pass.kernels.merge_segments(&task, 0, Int32(count), partials)
        }
    }

    /// Bias, norm, rotation and scale of the query heads of one KV head, in place.
    private func rotateQueries(_ queries: UnsafeMutablePointer<Float>, row: Int, head: Int) {
        let group = shape.groupSize * dimension
        if let bias = weights.queryBias { pass.kernels.add(bias.base + head * group, Int32(group), queries) }
        for index in 0..<shape.groupSize {
            rotate(queries + index * dimension, norm: weights.queryNorm, row: row)
        }
        pass.kernels.scale(queries, shape.attentionScale, Int32(group), queries)
    }

    /// Writes one token's key and value to the cache.
    private func store(_ part: AttentionPlan.Part, offset: Int, head: Int) {
        let row = part.row + offset
        let source = pass.workspace.qkv + row * stride + shape.queryWidth + head * dimension
        let key = own.key
        let value = own.key + dimension
        key.update(from: source, count: dimension)
        value.update(from: source + shape.kvWidth, count: dimension)
        if let bias = weights.keyBias { pass.kernels.add(bias.base + head * dimension, Int32(dimension), key) }
        if let bias = weights.valueBias { pass.kernels.add(bias.base + head * dimension, Int32(dimension), value) }
        rotate(key, norm: weights.keyNorm, row: row)
        let position = part.position + offset
        pass.kernels.store_key_value(
            pass.storage.type.kernelType,
            key,
            value,
            Int32(dimension),
            Int32(position % KVStorage.tileTokens),
            pass.storage.tile(layer: layer, head: head, position: position, blocks: part.blocks)
        )
    }

    /// Norms and rotates one head, in place.
    private func rotate(_ head: UnsafeMutablePointer<Float>, norm: FloatVector?, row: Int) {
        if let norm { pass.kernels.rms_norm(head, norm.base, shape.normEpsilon, Int32(dimension), head) }
        let half = shape.rotaryDimension / 2
        let cosines = pass.angles(shape.layers[layer].rotary, pass.plan.tiles[tile].start + row)
        switch shape.rotaryLayout {
        case .halves: pass.kernels.rotate_halves(head, cosines, cosines + half, Int32(half))
        case .pairs: pass.kernels.rotate_pairs(head, cosines, cosines + half, Int32(half))
        }
    }
}
