internal import CPUKernels
internal import Checkpoints
internal import Tensors

/// One forward pass, run by all workers at once: every worker executes `run`, takes its share of each stage, and meets
/// the others at a barrier where a stage needs what others computed.
///
/// It is made of raw pointers into memory that the model holds for the length of the pass, so that workers count no
/// references.
struct ForwardPass: @unchecked Sendable {  // workers write apart between barriers
    /// Width of the residual.
    let hiddenSize: Int
    /// Logits of a row that the rank computes.
    let logitCount: Int
    /// Floats from one row of logits to the next.
    let logitStride: Int
    /// Whether only rows that something is wanted of matter behind the last layer's attention.
    let endsHere: Bool
    /// Dimensions of a head that are rotated.
    let rotaryDimension: Int
    let rotaryLayout: RotaryLayout
    /// Logits are multiplied with it.
    let logitScale: Float
    /// Logits `x` become `c * tanh(x / c)`; 0 for no such cap.
    let logitSoftcap: Float

    let layers: UnsafeBufferPointer<LayerProgram>
    let outputNorm: NormOperation?
    let unembed: LinearOperation?
    let unembedBias: UnsafePointer<Float>?
    let memory: Workspace.Memory
    /// The rows of the batch.
    let tokens: UnsafeBufferPointer<Int32>
    let chunks: UnsafeBufferPointer<RowChunk>
    let logitRows: UnsafeBufferPointer<Int32>
    let hiddenRows: UnsafeBufferPointer<Int32>
    /// Partial results of split attention.
    let partials: UnsafeMutablePointer<Float>
    let kernels: LayerKernels
    /// What notes when stages end; `nil` while nobody wants to know.
    let stages: StageLog.Pen?

    /// A pass of a program over a planned batch.
    init(
        _ program: DecoderProgram,
        partition: Partition,
        plan: BatchPlan,
        partials: UnsafeMutablePointer<Float>,
        stages: StageLog.Pen?,
    ) {
        let shape = partition.shape
        hiddenSize = shape.hiddenSize
        logitCount = partition.vocabulary.count
        logitStride = partition.logitStride
        endsHere = partition.isLastStage
        rotaryDimension = shape.rotaryDimension
        rotaryLayout = shape.rotaryLayout
        logitScale = shape.logitScale
        logitSoftcap = shape.logitSoftcap
        layers = program.layers
        outputNorm = program.outputNorm
        unembed = program.unembed
        unembedBias = program.unembedBias
        memory = program.memory
        tokens = plan.tokens
        chunks = plan.chunks
        logitRows = plan.logitRows
        hiddenRows = plan.hiddenRows
        self.partials = partials
        kernels = layerKernels.pointee
        self.stages = stages
    }

    /// Everything that one worker does behind the embedding and before logits and hidden states.
    func run(_ own: WorkerState) {
        var rowsBefore = 0
        for layer in layers {
            let isLast = endsHere && layer.attention.layer == layers.count - 1
            if case .grouped(let inputs) = layer.attention.inputs, let keyValue = inputs.keyValue {
                for chunk in chunks {
                    meet(own, before: chunk, behind: rowsBefore)
                    makeKeysAndValues(layer, inputs, keyValue, chunk, own)
                    rowsBefore = 0
                }
            }
            for chunk in chunks {
                meet(own, before: chunk, behind: rowsBefore)
                // After the last layer's attention only the rows of which something is wanted matter.
                let rows = isLast ? chunk.outputRows : chunk.rows
                run(layer, chunk, rows: rows, own)
                rowsBefore = rows.count
            }
        }
    }

    /// Waits where rows that a worker kept to itself may now be another's.
    private func meet(_ own: WorkerState, before chunk: RowChunk, behind rowsBefore: Int) {
        if own.mode(rowsBefore) == .apart, rowsBefore != chunk.rows.count { own.worker.barrier() }
    }

    /// Keys and values of a row chunk, into the cache, where attention needs those of all chunks.
    private func makeKeysAndValues(
        _ layer: LayerProgram,
        _ inputs: GroupedInputs,
        _ keyValue: LinearOperation,
        _ chunk: RowChunk,
        _ own: WorkerState,
    ) {
        own.multiply(keyValue, rows: chunk.rows.count, adapters: chunk.rows.adapters) {
            read(layer.attentionNorm, chunk, chunk.rows, $0, to: $1, own)
        }
        own.meet(behindProductOf: chunk.rows.count, next: layer.queryKeyValue.products)
        GroupedHeads(pass: self, own: own, attention: layer.attention, inputs: inputs, chunk: chunk).storeRows()
        // The next products take the place of these.
        own.worker.barrier()
    }

    /// One layer on one row chunk, from top to bottom; `rows` are those that go on behind attention.
    private func run(
        _ layer: LayerProgram,
        _ chunk: RowChunk,
        rows: RowList,
        _ own: WorkerState,
    ) {
        let all = chunk.rows
        own.multiply(layer.queryKeyValue, rows: all.count, adapters: all.adapters) {
            read(layer.attentionNorm, chunk, all, $0, to: $1, own)
        }
        own.meet(behindProductOf: all.count, next: layer.output.products)
        attend(layer.attention, chunk, own)
        own.barrier(next: layer.output.products)
        guard !rows.isEmpty else { return }
        if let attended = layer.attended { gather(attended, rows, own) }
        own.multiply(layer.output, rows: rows.count, adapters: rows.adapters) { copyAttended(layer, rows, $0, to: $1) }
        own.meet(behindProductOf: rows.count, next: layer.feedForward.products)
        stages?.note(.attention, layer: layer.attention.layer, by: own.worker)
        if !layer.isParallel { add(layer.attentionSum, chunk, rows, own) }
        let fill = { (index: Int, row: UnsafeMutablePointer<Float>) in
            read(layer.feedForwardNorm, chunk, rows, index, to: row, own)
        }
        switch layer.feedForward {
        case .dense(let part):
            feedForward(part, rows.count, own, adapters: rows.adapters, read: fill)
            own.meet(behindProductOf: rows.count, next: layer.next)
            if layer.isParallel { add(layer.attentionSum, chunk, rows, own) }
            add(layer.feedForwardSum, chunk, rows, own)
        case .experts(let part):
            let stage = ExpertStage(pass: self, own: own, part: part, rows: rows.count)
            stage.run(next: layer.next, read: fill)
            if layer.isParallel { add(layer.attentionSum, chunk, rows, own) }
            stage.exchange()
            add(layer.feedForwardSum, chunk, rows, own, stage)
        }
        stages?.note(.feedForward, layer: layer.attention.layer, by: own.worker)
    }

    /// Gates, ups and outputs of a part that all rows use; the last product's barrier is the caller's.
    func feedForward(
        _ part: DenseOperation,
        _ count: Int,
        _ own: WorkerState,
        adapters: AdapterRuns = .none,
        read: (_ index: Int, _ row: UnsafeMutablePointer<Float>) -> Void,
    ) {
        own.multiply(part.first, rows: count, adapters: adapters, fill: read)
        own.meet(behindProductOf: count, next: part.down.products)
        guard let (activated, ranks) = part.exchange else {
            return own.multiply(part.down, rows: count, adapters: adapters) { activate(part, $0, to: $1, own) }
        }
        for index in own.sharedShare(count) { activate(part, index, to: activated + index * part.width, own) }
        gather(ranks, activated, rows: count, own)
        own.multiply(part.down, rows: count, adapters: adapters) { ranks.copy($0, of: count, to: $1) }
    }

    /// A row of the residual, normed where there is a norm.
    private func read(
        _ norm: NormOperation?,
        _ chunk: RowChunk,
        _ rows: RowList,
        _ index: Int,
        to row: UnsafeMutablePointer<Float>,
        _ own: WorkerState,
    ) {
        let residual = own.residual(chunk.start + rows[index])
        if let norm {
            norm.apply(kernels, residual, to: row)
        } else {
            row.update(from: residual, count: hiddenSize)
        }
    }

    /// This worker's part in the attention of all rows, behind the products that made queries, keys and values.
    private func attend(_ attention: AttentionOperation, _ chunk: RowChunk, _ own: WorkerState) {
        switch attention.inputs {
        case .grouped(let inputs): attend(attention, inputs, chunk, own)
        case .latent(let inputs):
            LatentStage(pass: self, own: own, attention: attention, inputs: inputs, chunk: chunk).run()
        }
    }

    private func attend(
        _ attention: AttentionOperation,
        _ inputs: GroupedInputs,
        _ chunk: RowChunk,
        _ own: WorkerState,
    ) {
        let heads = GroupedHeads(pass: self, own: own, attention: attention, inputs: inputs, chunk: chunk)
        let stage = AttentionStage(
            pass: self,
            own: own,
            attention: attention,
            chunk: chunk,
            queries: memory.queryKeyValue,
            queryStride: attention.shape.width,
            output: memory.attended,
            outputStride: attention.shape.queryWidth
        )
        // Whoever computes a head of some rows finishes their queries and writes their keys and values too.
        let isOne = stage.work.writesOwnKeys && !inputs.needsWholeRows && inputs.keyValue == nil
        if !isOne {
            heads.gather()
            heads.finishQueries()
            if inputs.keyValue == nil { heads.storeRows() }
        }
        if !isOne || own.mode(chunk.rows.count) == .apart { own.worker.barrier() }
        stage.run(finishing: isOne ? heads : nil)
    }

    /// Rotates the first dimensions of a head, in place, for a row of the batch.
    func rotate(_ head: UnsafeMutablePointer<Float>, _ rotary: Int?, row: Int) {
        guard let rotary else { return }
        let half = rotaryDimension / 2
        let cosines = angles(rotary, row)
        switch rotaryLayout {
        case .halves: kernels.rotate_halves(head, cosines, cosines + half, Int32(half))
        case .pairs: kernels.rotate_pairs(head, cosines, cosines + half, Int32(half))
        }
    }

    /// A row's outputs of all heads.
    private func copyAttended(
        _ layer: LayerProgram,
        _ rows: RowList,
        _ index: Int,
        to row: UnsafeMutablePointer<Float>,
    ) {
        if let attended = layer.attended { return attended.copy(index, of: rows.count, to: row) }
        let width = layer.attention.shape.outputWidth
        row.update(from: memory.attended + rows[index] * width, count: width)
    }

    /// Brings together all ranks' heads' outputs of some rows.
    private func gather(_ attended: RankGather, _ rows: RowList, _ own: WorkerState) {
        let width = attended.ownCount
        if own.worker.index == 0 {
            for place in 0..<rows.count where place != rows[place] {
                (memory.attended + place * width).update(from: memory.attended + rows[place] * width, count: width)
            }
        }
        gather(attended, memory.attended, rows: rows.count, own)
    }

    /// Brings together what ranks have of some rows; all workers meet before and behind.
    func gather(_ ranks: RankGather, _ part: UnsafePointer<Float>, rows: Int, _ own: WorkerState) {
        own.worker.barrier()
        if own.worker.index == 0 { ranks.gather(part, rows: rows) }
        own.worker.barrier()
    }

    /// What a feed-forward part's last product takes of a row.
    private func activate(
        _ part: DenseOperation,
        _ index: Int,
        to row: UnsafeMutablePointer<Float>,
        _ own: WorkerState,
    ) {
        part.activate(memory.gateUp + index * part.stride, to: row, scratch: own.secondRow)
    }

    /// Adds outputs of attention or feed-forward to the residual.
    private func add(_ sum: ResidualSum, _ chunk: RowChunk, _ rows: RowList, _ own: WorkerState) {
        if let ranks = sum.gather { gather(ranks, sum.source, rows: rows.count, own) }
        for index in own.share(rows.count) {
            var output = sum.source + index * hiddenSize
            if let ranks = sum.gather {
                output = own.secondRow
                ranks.copy(index, of: rows.count, to: output)
            }
            sum.add(kernels, output, to: own.residual(chunk.start + rows[index]), scratch: own.row)
        }
    }

    /// Adds outputs of experts to the residual.
    private func add(
        _ sum: ResidualSum,
        _ chunk: RowChunk,
        _ rows: RowList,
        _ own: WorkerState,
        _ stage: ExpertStage,
    ) {
        if let ranks = sum.gather {
            for index in own.sharedShare(rows.count) {
                stage.combine(index, to: sum.source + index * ranks.ownCount, addend: own.row)
            }
            return add(sum, chunk, rows, own)
        }
        for index in own.share(rows.count) {
            stage.combine(index, to: own.secondRow, addend: own.row)
            sum.add(kernels, own.secondRow, to: own.residual(chunk.start + rows[index]), scratch: own.row)
        }
    }

    /// Cosines of a row, followed by its sines.
    func angles(_ rotary: Int, _ row: Int) -> UnsafeMutablePointer<Float> {
        memory.angles + (rotary * memory.tokenCapacity + row) * rotaryDimension
    }
}
