internal import CPUKernels
internal import Tensors

/// Who computes which rows between products.
enum RowMode {
    /// The batch is a single row, which every worker computes by itself, in its own memory: that is faster than to wait
    /// for each other.
    case alone
    /// Every worker computes its share of the rows, and all meet before and behind products.
    case shared
    /// There are many rows, and each worker keeps its own of them from stage to stage; only attention needs those of
    /// others.
    case apart
}

/// What one worker of a forward pass works with: its share of rows, and the memory that it writes.
struct WorkerState {
    let worker: Worker
    /// Scratch of the attention kernels.
    let attention: UnsafeMutablePointer<Float>
    /// Finished queries of one attention task.
    let queries: UnsafeMutablePointer<Float>
    /// A key, followed by a value.
    let key: UnsafeMutablePointer<Float>
    /// A row of activations.
    let row: UnsafeMutablePointer<Float>
    /// Another.
    let secondRow: UnsafeMutablePointer<Float>

    let isAlone: Bool
    private let residualBase: UnsafeMutablePointer<Float>
    private let hiddenSize: Int
    private let sharedActivations: Activations
    /// Rows that this worker multiplies by itself, and its own copy of a batch's only row.
    let ownActivations: Activations
    private let rows: UnsafeMutablePointer<Float>
    /// Floats from one row that is multiplied to the next.
    let rowStride: Int
    /// What low-rank products work in; `nil` for a model without adapters.
    let adapterMemory: AdapterMemory?
    private let kernels: LayerKernels

    /// Rows that are quickest quantized together.
    private static let blockRows = Int(MATMUL_ROW_BLOCK)
    /// With so many rows for each, workers keep their rows to themselves and multiply them with the whole of every matrix.
    ///
    /// All weights then pass through every worker's cache, which takes less time than that many rows' arithmetic; but
    /// activations, which are more, needn't go from one core to the other, and few barriers are left.
    static let rowsApart = 32

    init(_ pass: ForwardPass, _ worker: Worker) {
        self.worker = worker
        let memory = pass.memory
        isAlone = pass.tokens.count == 1
        hiddenSize = pass.hiddenSize
        kernels = pass.kernels
        let own = memory.scratch(worker: worker.index)
        attention = own + memory.layout.attention
        queries = own + memory.layout.queries
        key = own + memory.layout.key
        row = own + memory.layout.row
        secondRow = own + memory.layout.secondRow
        residualBase = isAlone ? own + memory.layout.residual : memory.residual
        sharedActivations = memory.activations
        ownActivations = memory.ownActivations[worker.index]
        rows = isAlone ? row : memory.rows
        rowStride = memory.rowStride
        adapterMemory = memory.adapters
    }

    /// Who computes which rows where there are `count`.
    func mode(_ count: Int) -> RowMode {
        if isAlone { return .alone }
        return count >= Self.rowsApart * worker.count ? .apart : .shared
    }

    /// The rows of `0..<count` that this worker computes between products: whole blocks where there are enough for all.
    func share(_ count: Int) -> Range<Int> { isAlone ? 0..<count : sharedShare(count) }

    /// This worker's part of rows that no two workers may compute, not even of a batch's only row.
    func sharedShare(_ count: Int) -> Range<Int> {
        worker.range(of: count, grain: count < Self.blockRows * worker.count ? 1 : Self.blockRows)
    }

    /// This worker's part of `0..<count` things that all share, even when rows aren't.
    func evenShare(_ count: Int) -> Range<Int> { worker.range(of: count) }

    /// Waits for the others, if rows are shared with them.
    func meet() {
        if !isAlone { worker.barrier() }
    }

    /// Waits for what the others computed of a product of `count` rows, unless those are their own.
    ///
    /// Weights of the product that is `next` come into the cache meanwhile.
    func meet(behindProductOf count: Int, next: FusedProducts) {
        if mode(count) != .apart { barrier(next: next) }
    }

    /// Waits for the others, while weights of the product that is `next` come into the cache.
    func barrier(next: FusedProducts) {
        worker.barrier(next: firstWeights(next, worker, limit: Self.bytesAhead))
    }

    /// Most bytes of weights that are asked for ahead: a small part of a second-level cache.
    private static let bytesAhead = 1 << 16

    /// The residual of a row of the batch, `[hidden]`.
    func residual(_ row: Int) -> UnsafeMutablePointer<Float> { residualBase + row * hiddenSize }

    /// What `multiply` filled last as row `index`, before it became what matrices want; all workers' rows but in a batch of
    /// one.
    func filledRow(_ index: Int) -> UnsafePointer<Float> { UnsafePointer(rows + index * rowStride) }

    /// Makes rows and multiplies them: `fill` writes row `index`, then it becomes what the matrices want.
    ///
    /// Row 0 becomes row `outputRow` of the outputs. `adapters` add to the products.
    func multiply(
        _ linear: LinearOperation,
        rows count: Int,
        outputRow: Int = 0,
        adapters: AdapterRuns = .none,
        fill: (_ index: Int, _ row: UnsafeMutablePointer<Float>) -> Void,
    ) {
        let adapters = adapters.isEmpty ? adapters : self.adapters(adapters, of: linear)
        if linear.isTwofold {
            prepareTwice(linear, count, keeps: !adapters.isEmpty, fill: fill)
            multiplyTwice(linear, rows: count, outputRow: outputRow, adding: adapters)
        } else {
            prepare(linear, count, keeps: !adapters.isEmpty, fill: fill)
            let prepared = multiplied(count)
            multiply(linear, prepared, rows: prepared.rows.count, outputRow: outputRow, adding: adapters, of: count)
        }
    }

    /// Makes rows.
    ///
    /// - Parameter keeps: Whether adapters will need them.
    private func prepare(
        _ linear: LinearOperation,
        _ count: Int,
        keeps: Bool,
        fill: (_ index: Int, _ row: UnsafeMutablePointer<Float>) -> Void,
    ) {
        let target = multiplied(count)
        fillBlocks(count, fill: fill) { block in
            let first = rows + block.lowerBound * rowStride
            if keeps { keep(block, from: first, of: linear) }
            linear.needs.prepare(
                target.activations,
                places: target.places(of: block),
                of: target.rows.count,
                from: first,
                stride: rowStride,
                columns: linear.width
            )
        }
        if mode(count) == .shared { worker.barrier() }
        if let squares = linear.squares { measure(squares, count) }
    }

    /// Adds the rows of all workers to what is measured.
    private func measure(_ squares: ColumnSquares, _ count: Int) {
        guard !isAlone else { return }
        worker.barrier()
        squares.add(rows, stride: rowStride, count: count, worker: worker)
        worker.barrier()
    }

    /// Makes rows like `prepare`, with nearly exact activations.
    ///
    /// Each row is quantized, and what that lacks is quantized as another row; `multiplyTwice` adds their products.
    ///
    /// - Parameter keeps: Whether adapters will need the rows.
    private func prepareTwice(
        _ linear: LinearOperation,
        _ count: Int,
        keeps: Bool,
        fill: (_ index: Int, _ row: UnsafeMutablePointer<Float>) -> Void,
    ) {
        let target = multiplied(count)
        let isApart = mode(count) == .apart
        let rowsAtOnce = target.rows.count * (isApart ? 1 : 2)
        fillBlocks(count, fill: fill) { block in
            let (first, places) = (rows + block.lowerBound * rowStride, target.places(of: block))
            if keeps { keep(block, from: first, of: linear) }
            target.activations.quantize(
                rows: places,
                of: rowsAtOnce,
                from: first,
                stride: rowStride,
                columns: linear.width,
                remainder: first
            )
            guard !isApart else { return }
            target.activations.quantize(
                rows: count + places.lowerBound..<count + places.upperBound,
                of: rowsAtOnce,
                from: first,
                stride: rowStride,
                columns: linear.width
            )
        }
        if mode(count) == .shared { worker.barrier() }
    }

    /// Multiplies rows of `prepareTwice` with quantized matrices and adds what belongs together.
    ///
    /// Outputs need room for twice the rows: the remainders' products come behind the others. Few rows and their
    /// remainders are multiplied at once, so that the weights pass through the cache once for both.
    private func multiplyTwice(
        _ linear: LinearOperation,
        rows count: Int,
        outputRow: Int,
        adding adapters: AdapterRuns,
    ) {
        let prepared = multiplied(count)
        if mode(count) == .apart {
            multiply(linear, prepared, rows: prepared.rows.count, outputRow: outputRow, adding: adapters, of: count)
            prepared.activations.quantize(
                rows: 0..<prepared.rows.count,
                of: prepared.rows.count,
                from: rows + prepared.rows.lowerBound * rowStride,
                stride: rowStride,
                columns: linear.width
            )
            multiply(linear, prepared, rows: prepared.rows.count, outputRow: outputRow + count)
        } else {
            multiply(linear, prepared, rows: 2 * count, outputRow: outputRow, adding: adapters, of: count)
        }
        prepared.worker.forEachComputed(of: linear.products) { _, product, features in
            for row in prepared.rows {
                let target = product.output + (outputRow + row) * product.outputStride + features.lowerBound
                kernels.add(target + count * product.outputStride, Int32(features.count), target)
            }
        }
    }

    /// What this worker multiplies of `count` rows.
    struct Multiplied {
        /// This worker, by itself when it multiplies rows of its own.
        let worker: Worker
        /// Its rows.
        let rows: Range<Int>
        /// Where they become what matrices want, from row 0 on.
        let activations: Activations

        func places(of block: Range<Int>) -> Range<Int> {
            block.lowerBound - rows.lowerBound..<block.upperBound - rows.lowerBound
        }
    }

    private func multiplied(_ count: Int) -> Multiplied {
        switch mode(count) {
        case .alone: Multiplied(worker: worker, rows: 0..<count, activations: ownActivations)
        case .shared: Multiplied(worker: worker, rows: 0..<count, activations: sharedActivations)
        case .apart: Multiplied(worker: worker.solo, rows: share(count), activations: ownActivations)
        }
    }

    /// Multiplies prepared rows, `count` with the remainders of some; `adapters` add to those of a chunk of `rowCount`.
    private func multiply(
        _ linear: LinearOperation,
        _ prepared: Multiplied,
        rows count: Int,
        outputRow: Int,
        adding adapters: AdapterRuns = .none,
        of rowCount: Int = 0,
    ) {
        let first = prepared.rows.lowerBound
        guard adapters.isEmpty else {
            return multiply(linear, prepared, rows: count, outputRow: outputRow, adapters, of: rowCount)
        }
        Tensors.multiply(
            prepared.worker,
            linear.products,
            activations: prepared.activations,
            source: rows + first * rowStride,
            sourceStride: rowStride,
            rows: count,
            outputRow: outputRow + first
        )
    }

    /// Fills this worker's rows, a few at a time, and passes those on while they are in the cache.
    private func fillBlocks(
        _ count: Int,
        fill: (_ index: Int, _ row: UnsafeMutablePointer<Float>) -> Void,
        then use: (_ block: Range<Int>) -> Void,
    ) {
        let share = share(count)
        for start in stride(from: share.lowerBound, to: share.upperBound, by: Self.blockRows) {
            let block = start..<min(start + Self.blockRows, share.upperBound)
            for index in block { fill(index, rows + index * rowStride) }
            use(block)
        }
    }
}
