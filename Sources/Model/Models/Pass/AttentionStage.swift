internal import CPUKernels
internal import Tensors

/// One worker's part in the attention of one layer and row chunk, from queries to the heads' outputs.
struct AttentionStage {
    let pass: ForwardPass
    let own: WorkerState
    let attention: AttentionOperation
    let chunk: RowChunk
    /// Queries, `[rows, queryStride]`.
    let queries: UnsafeMutablePointer<Float>
    /// Floats from one row of queries to the next.
    let queryStride: Int
    /// Outputs of the heads, `[rows, outputStride]`.
    let output: UnsafeMutablePointer<Float>
    /// Floats from one row of outputs to the next.
    let outputStride: Int

    /// The work on the chunk.
    var work: AttentionPlan.Work { chunk.attention[attention.cut] }

    /// Takes items until none is left.
    ///
    /// - Parameter heads: Finishes the queries of an item and writes its keys and values; `nil` where that is done.
    func run(finishing heads: GroupedHeads? = nil) {
        let items = attention.shape.window > 0 ? work.windowedItems : work.items
        let counter = chunk.counters + attention.layer
        while true {
            let index = Int(counter_next(counter))
            guard index < items.count else { return }
            let item = items[index]
            defer { own.worker.beat() }
            if let heads {
                let finished = heads.finish(item)
                attend(item, task(item, queries: finished, queryStride: attention.groupSize * Int(attention.head.keys)))
            } else {
                let first = queries + item.part.row * queryStride
                let group = item.head * attention.groupSize * Int(attention.head.keys)
                attend(item, task(item, queries: first + group, queryStride: queryStride))
            }
        }
    }

    private func attend(_ item: AttentionPlan.Item, _ task: AttentionTask) {
        var task = task
        guard let segments = item.segments else { return pass.kernels.attend(&task, own.attention) }
        let (first, last) = (Int32(segments.lowerBound), Int32(segments.upperBound))
        let partials = pass.partials + item.partials
        pass.kernels.attend_segments(&task, first, last, partials, own.attention)
        // Whoever finishes a sequence's last item merges all of its segments.
        let done = Int(counter_next(work.counters + item.counter)) + 1
        if done % item.share == 0 {
            let count = (item.part.seenCount - 1) / AttentionPlan.segmentTokens + 1
            pass.kernels.merge_segments(&task, 0, Int32(count), partials)
        }
    }

    private func task(
        _ item: AttentionPlan.Item,
        queries: UnsafeMutablePointer<Float>,
        queryStride: Int,
    ) -> AttentionTask {
        let group = attention.groupSize
        let first = output + item.part.row * outputStride
        return AttentionTask(
            queries: queries,
            query_stride: queryStride,
            output: first + item.head * group * Int(attention.head.values),
            output_stride: outputStride,
            tokens: Int32(item.part.count),
            group: Int32(group),
            head: attention.head,
            position: Int32(item.part.position),
            length: Int32(item.part.length),
            window: Int32(attention.shape.window),
            softcap: attention.shape.softcap,
            sinks: attention.sinks.map { $0 + item.head * group },
            cache_type: attention.cache.type,
            cache: attention.cache.base(head: attention.shape.latent == nil ? item.head : 0),
            block_stride: attention.cache.blockStride,
            blocks: item.part.blocks[attention.cache.group],
            tiles_per_block: Int32(attention.cache.tilesPerBlock)
        )
    }
}
