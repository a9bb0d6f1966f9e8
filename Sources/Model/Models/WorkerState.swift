internal import CPUKernels
internal import Tensors

/// What one worker of a forward pass works with: its share of rows, and the memory that it writes.
struct WorkerState {
    let worker: Worker
    /// Whether the batch is one row, which every worker computes by itself between the products.
    let isAlone: Bool
    /// Scratch of the attention kernels.
    let attention: UnsafeMutablePointer<Float>
    /// Rotated queries of one attention task.
    let queries: UnsafeMutablePointer<Float>
    /// A key, followed by a value.
    let key: UnsafeMutablePointer<Float>
    /// A row of activations.
    let row: UnsafeMutablePointer<Float>

    private let streamBase: UnsafeMutablePointer<Float>
    private let hiddenSize: Int
    private let sharedActivations: ActivationBuffer
    private let ownActivations: ActivationBuffer
    private let rows: UnsafeMutablePointer<Float>
    private let rowStride: Int

    /// Rows that are quickest quantized together.
    private static let blockRows = Int(MATMUL_ROW_BLOCK)
    /// With so many rows for each, workers keep their rows to themselves and multiply them with the whole of every matrix.
    ///
    /// All weights then pass through every worker's cache, which takes less time than that many rows' arithmetic; but
    /// activations, which are more, needn't go from one core to the other, and few barriers are left.
    static let rowsApart = 32

    init(_ pass: ForwardPass, _ worker: Worker) {
        self.worker = worker
        let workspace = pass.workspace
        isAlone = pass.plan.tokens.count == 1
        hiddenSize = pass.shape.hiddenSize
        let own = workspace.scratch(worker: worker.index)
        attention = own + workspace.layout.attention
        queries = own + workspace.layout.queries
        key = own + workspace.layout.key
        row = own + workspace.layout.row
        streamBase = isAlone ? own + workspace.layout.stream : workspace.hidden
        sharedActivations = workspace.activations
        ownActivations = workspace.ownActivations[worker.index]
        rows = isAlone ? row : workspace.rows
        rowStride = workspace.rowStride
    }

    /// Whether workers keep their rows to themselves where there are `count`.
    func isApart(_ count: Int) -> Bool { !isAlone && count >= Self.rowsApart * worker.count }

    /// The rows of `0..<count` that this worker computes between products: whole blocks where there are enough for all.
    func share(_ count: Int) -> Range<Int> {
        if isAlone { return 0..<count }
        return worker.range(of: count, grain: count < Self.blockRows * worker.count ? 1 : Self.blockRows)
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
    func meet(behindProductOf count: Int, next: [MatrixProduct]) {
        if !isApart(count) { barrier(next: next) }
    }

    /// Waits for the others, while weights of the product that is `next` come into the cache.
    func barrier(next: [MatrixProduct]) {
        worker.barrier(next: firstWeights(next, worker, limit: Self.bytesAhead))
    }

    /// Most bytes of weights that are asked for ahead: a small part of a second-level cache.
    private static let bytesAhead = 1 << 16

    /// The residual stream of a row of the batch, `[hidden]`.
    func stream(_ row: Int) -> UnsafeMutablePointer<Float> { streamBase + row * hiddenSize }

    /// Makes the rows that some products multiply: `fill` writes row `index`, then it becomes what their matrices want.
    func prepare(
        _ count: Int,
        width: Int,
        for products: [MatrixProduct],
        fill: (_ index: Int, _ row: UnsafeMutablePointer<Float>) -> Void,
    ) {
        let quantizes = products.contains { $0.matrix.activationKind == .quantized }
        let rounds = products.contains { $0.matrix.activationKind == .rounded }
        let target = multiplied(count)
        fillBlocks(count, fill: fill) { block in
            let (first, places) = (rows + block.lowerBound * rowStride, target.places(of: block))
            if quantizes {
                target.activations.quantize(
                    rows: places,
                    of: target.rows.count,
                    from: first,
                    stride: rowStride,
                    columns: width
                )
            }
            guard rounds else { return }
            for (index, place) in places.enumerated() {
                target.activations.round(row: place, from: first + index * rowStride, columns: width)
            }
        }
        if !isApart(count) { meet() }
    }

    /// Makes rows like `prepare`, with nearly exact activations.
    ///
    /// Each row is quantized, and what that lacks is quantized as another row; `multiplyTwice` adds their products.
    func prepareTwice(_ count: Int, width: Int, fill: (_ index: Int, _ row: UnsafeMutablePointer<Float>) -> Void) {
        let target = multiplied(count)
        let rowsAtOnce = target.rows.count * (isApart(count) ? 1 : 2)
        fillBlocks(count, fill: fill) { block in
            let (first, places) = (rows + block.lowerBound * rowStride, target.places(of: block))
            target.activations.quantize(
                rows: places,
                of: rowsAtOnce,
                from: first,
                stride: rowStride,
                columns: width,
                remainder: first
            )
            guard !isApart(count) else { return }
            let behind = count + places.lowerBound..<count + places.upperBound
            target.activations.quantize(rows: behind, of: rowsAtOnce, from: first, stride: rowStride, columns: width)
        }
        if !isApart(count) { meet() }
    }

    /// Multiplies the prepared rows.
    func multiply(_ products: [MatrixProduct], rows count: Int) {
        let prepared = multiplied(count)
        multiply(products, prepared, rows: prepared.rows.count)
    }

    /// Multiplies rows of `prepareTwice` with quantized matrices and adds what belongs together.
    ///
    /// Outputs need room for twice the rows: the remainders' products come behind the others. Few rows and their
    /// remainders are multiplied at once, so that the weights pass through the cache once for both.
    func multiplyTwice(_ products: [MatrixProduct], rows count: Int, width: Int, kernels: LayerKernels) {
        let prepared = multiplied(count)
        if isApart(count) {
            multiply(products, prepared, rows: prepared.rows.count)
            let remainders = rows + prepared.rows.lowerBound * rowStride
            prepared.activations.quantize(
                rows: 0..<prepared.rows.count,
                of: prepared.rows.count,
                from: remainders,
                stride: rowStride,
                columns: width
            )
            multiply(products.map { $0.moved(rows: count) }, prepared, rows: prepared.rows.count)
        } else {
            multiply(products, prepared, rows: 2 * count)
        }
        for (product, features) in computedFeatures(products, prepared.worker) {
            for row in prepared.rows {
                let target = product.output + row * product.outputStride + features.lowerBound
                kernels.add(target + count * product.outputStride, Int32(features.count), target)
            }
        }
    }

    /// What this worker multiplies of `count` rows.
    private struct Multiplied {
        /// This worker, by itself when it multiplies rows of its own.
        let worker: Worker
        /// Its rows.
        let rows: Range<Int>
        /// Where they become what matrices want, from row 0 on.
        let activations: ActivationBuffer

        func places(of block: Range<Int>) -> Range<Int> {
            block.lowerBound - rows.lowerBound..<block.upperBound - rows.lowerBound
        }
    }

    private func multiplied(_ count: Int) -> Multiplied {
        if isApart(count) { return Multiplied(worker: worker.solo, rows: share(count), activations: ownActivations) }
        return Multiplied(worker: worker, rows: 0..<count, activations: isAlone ? ownActivations : sharedActivations)
    }

    private func multiply(_ products: [MatrixProduct], _ prepared: Multiplied, rows count: Int) {
        let first = prepared.rows.lowerBound
        Tensors.multiply(
            prepared.worker,
            first == 0 ? products : products.map { $0.moved(rows: first) },
            activations: prepared.activations,
            source: rows + first * rowStride,
            sourceStride: rowStride,
            rows: count
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
