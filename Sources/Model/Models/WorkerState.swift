internal import CPUKernels
internal import Tensors

/// What one worker of a forward pass works with: its share of rows, and the memory that it writes.
struct WorkerState {
    /// Rows that are quickest quantized together.
    private static let blockRows = Int(MATMUL_ROW_BLOCK)

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
    private let activations: ActivationBuffer
    private let rows: UnsafeMutablePointer<Float>

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
        activations = isAlone ? workspace.ownActivations[worker.index] : workspace.activations
        rows = isAlone ? row : workspace.rows
    }

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
        fillBlocks(count, width: width, fill: fill) { block in
            let first = rows + block.lowerBound * width
            if quantizes { activations.quantize(rows: block, of: count, from: first, columns: width) }
            guard rounds else { return }
            for index in block { activations.round(row: index, from: rows + index * width, columns: width) }
        }
        meet()
    }

    /// Makes rows like `prepare`, with nearly exact activations.
    ///
    /// Row `index` is quantized, and what that lacks is quantized as row `count + index`; `multiplyTwice` adds their
    /// products.
    func prepareTwice(_ count: Int, width: Int, fill: (_ index: Int, _ row: UnsafeMutablePointer<Float>) -> Void) {
        fillBlocks(count, width: width, fill: fill) { block in
            let first = rows + block.lowerBound * width
            activations.quantize(rows: block, of: 2 * count, leavingRemainderIn: first, columns: width)
            let behind = count + block.lowerBound..<count + block.upperBound
            activations.quantize(rows: behind, of: 2 * count, from: first, columns: width)
        }
        meet()
    }

    /// Fills this worker's rows, a few at a time, and passes those on while they are in the cache.
    private func fillBlocks(
        _ count: Int,
        width: Int,
        fill: (_ index: Int, _ row: UnsafeMutablePointer<Float>) -> Void,
        then use: (_ block: Range<Int>) -> Void,
    ) {
        let share = share(count)
        for start in stride(from: share.lowerBound, to: share.upperBound, by: Self.blockRows) {
            let block = start..<min(start + Self.blockRows, share.upperBound)
            for index in block { fill(index, rows + index * width) }
            use(block)
        }
    }

    /// Multiplies the prepared rows with matrices of `width` columns.
    func multiply(_ products: [MatrixProduct], rows count: Int, width: Int) {
        Tensors.multiply(
            worker,
            products,
            activations: activations,
            source: rows,
            sourceStride: width,
            rows: count
        )
    }

    /// Multiplies rows of `prepareTwice` with quantized matrices and adds what belongs together.
    ///
    /// Outputs need room for twice the rows: the remainders' products come behind the others.
    func multiplyTwice(_ products: [MatrixProduct], rows count: Int, width: Int, kernels: LayerKernels) {
        multiply(products, rows: 2 * count, width: width)
        for (product, features) in computedFeatures(products, worker) where !features.isEmpty {
            for row in 0..<count {
                let target = product.output + row * product.outputStride + features.lowerBound
                kernels.add(target + count * product.outputStride, Int32(features.count), target)
            }
        }
    }
}
