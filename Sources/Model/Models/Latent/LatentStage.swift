internal import CPUKernels
internal import Tensors

/// One worker's part in the latent attention of one layer and row chunk, behind its first products.
struct LatentStage {
    let pass: ForwardPass
    let own: WorkerState
    let attention: AttentionOperation
    let inputs: LatentInputs
    let chunk: RowChunk

    private var latent: LatentShape { inputs.shape }
    private var memory: LatentMemory { inputs.memory }
    private var heads: Int { attention.shape.headCount }
    private var count: Int { chunk.rows.count }
    /// Floats of a row of first products: queries or what they are made from, then the latent and the rotated key.
    private var firstWidth: Int { attention.shape.firstWidth }
    private var cachedWidth: Int { latent.cachedWidth }

    /// From the first products to the heads' values, which the caller's barrier publishes.
    func run() {
        if let second = inputs.secondQuery {
            own.multiply(second, rows: count) { index, row in
                inputs.queryNorm?.apply(pass.kernels, pass.memory.queryKeyValue + index * firstWidth, to: row)
            }
        }
        own.worker.barrier()
        finishRows()
        own.worker.barrier()
        multiplyHeads(
            inputs.keyHeads,
            from: queries,
            stride: queryStride,
            step: latent.queryWidth,
            into: memory.absorbed,
            width: cachedWidth
        )
        own.worker.barrier()
        AttentionStage(
            pass: pass,
            own: own,
            attention: attention,
            chunk: chunk,
            queries: memory.absorbed,
            queryStride: heads * cachedWidth,
            output: memory.output,
            outputStride: heads * latent.rank
        ).run()
        own.worker.barrier()
        let rows = own.sharedShare(count)
        prepareHeads(
            inputs.valueNeeds,
            rows,
            from: memory.output,
            stride: heads * latent.rank,
            step: latent.rank,
            columns: latent.rank
        )
        own.worker.barrier()
        multiplyHeads(
            inputs.valueHeads,
            from: memory.output,
            stride: heads * latent.rank,
            step: latent.rank,
            into: pass.memory.attended,
            width: latent.valueWidth
        )
    }

    /// Queries, `[rows, queryStride]`.
    private var queries: UnsafeMutablePointer<Float> {
        inputs.secondQuery == nil ? pass.memory.queryKeyValue : memory.queries
    }
    private var queryStride: Int { inputs.secondQuery == nil ? firstWidth : heads * latent.queryWidth }

    /// Writes keys to the cache, rotates and scales queries, and prepares their plain parts for the matrices of the heads.
    private func finishRows() {
        let share = own.sharedShare(count)
        for part in chunk.parts {
            for row in share.clamped(to: part.row..<part.row + part.count) {
                finishQueries(row)
                store(part, row: row)
            }
        }
        prepareHeads(
            inputs.keyNeeds,
            share,
            from: queries,
            stride: queryStride,
            step: latent.queryWidth,
            columns: latent.plainWidth
        )
    }

    /// Scales a row of queries and writes its rotated parts behind where the others go.
    private func finishQueries(_ row: Int) {
        let query = queries + row * queryStride
        pass.kernels.scale(query, attention.shape.scale, Int32(heads * latent.queryWidth), query)
        for head in 0..<heads {
            let rotated = memory.absorbed + (row * heads + head) * cachedWidth + latent.rank
            rotated.update(from: query + head * latent.queryWidth + latent.plainWidth, count: latent.rotaryWidth)
            pass.rotate(rotated, attention.shape.rotary, row: chunk.start + row)
        }
    }

    /// Writes a row's latent and rotated key to the cache.
    private func store(_ part: AttentionPlan.Part, row: Int) {
        let source = pass.memory.queryKeyValue + (row + 1) * firstWidth - cachedWidth
        inputs.latentNorm.apply(pass.kernels, source, to: own.key)
        let rotated = own.key + latent.rank
        rotated.update(from: source + latent.rank, count: latent.rotaryWidth)
        pass.rotate(rotated, attention.shape.rotary, row: chunk.start + row)
        let position = part.position + row - part.row
        attention.store(pass.kernels, own.key, nil, head: 0, position: position, blocks: part.blocks)
    }

    /// Makes `columns` numbers of each head of some rows, heads being `step` floats apart, what its matrix wants.
    private func prepareHeads(
        _ needs: ActivationNeeds,
        _ rows: Range<Int>,
        from source: UnsafePointer<Float>,
        stride: Int,
        step: Int,
        columns: Int,
    ) {
        guard !rows.isEmpty else { return }
        for head in 0..<heads {
            needs.prepare(
                memory.activations.part(fromRow: head * LatentMemory.places(count), columns: columns),
                places: rows,
                of: count,
                from: source + rows.lowerBound * stride + head * step,
                stride: stride,
                columns: columns
            )
        }
    }

    /// Multiplies each head's rows with its matrix, into `width` floats of each row for each head.
    private func multiplyHeads(
        _ matrices: UnsafeBufferPointer<PackedTiles>,
        from source: UnsafePointer<Float>,
        stride: Int,
        step: Int,
        into output: UnsafeMutablePointer<Float>,
        width: Int,
    ) {
        let work = memory.work + own.worker.index * heads
        for head in 0..<heads {
            let columns = matrices[head].columns
            let product = GroupedProduct(
                MatrixProduct(matrices[head], into: output + head * width, stride: heads * width),
                activations: memory.activations.part(fromRow: head * LatentMemory.places(count), columns: columns),
                source: source + head * step,
                sourceStride: stride,
                rows: count
            )
            (work + head).initialize(to: product)
        }
        multiply(own.worker, grouped: UnsafeBufferPointer(start: work, count: heads))
    }
}
