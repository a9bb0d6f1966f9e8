internal import CPUKernels

/// Some rows times one matrix, a part of the work of `multiply(_:grouped:)`.
public struct GroupedProduct: BitwiseCopyable {
    /// The matrix and where the first row's product goes.
    public let product: MatrixProduct
    /// The rows as the matrix' activation kind wants them.
    public let activations: Activations
    /// The rows as they are.
    public let source: UnsafePointer<Float>
    /// Floats from one of those rows to the next.
    public let sourceStride: Int
    /// How many rows.
    public let rows: Int

    /// Rows and their matrix.
    public init(
        _ product: MatrixProduct,
        activations: Activations,
        source: UnsafePointer<Float>,
        sourceStride: Int,
        rows: Int,
    ) {
        self.product = product
        self.activations = activations
        self.source = source
        self.sourceStride = sourceStride
        self.rows = rows
    }

    /// What one tile of weights costs: it is read once, which takes as long as the arithmetic of some rows, and multiplied
    /// with each row.
    fileprivate var tileCost: Int { max(rows, 4) + 2 }
    fileprivate var cost: Int { tileCost * product.matrix.tileCount }
}

/// Multiplies different rows with different matrices: experts with the tokens that chose them.
///
/// Executed by all workers, which share the tiles of all matrices by their cost. There is no barrier inside. An output has
/// the same bits as in `multiply` of its row alone.
public func multiply(
    _ worker: Worker,
    grouped work: UnsafeBufferPointer<GroupedProduct>,
    level: KernelLevel = .chosen,
) {
    let total = work.reduce(0) { $0 + $1.cost }
    let (first, end) = (total * worker.index / worker.count, total * (worker.index + 1) / worker.count)
    var before = 0
    for part in work {
        // The tiles whose cost begins in this worker's share.
        let (cost, count) = (part.tileCost, part.product.matrix.tileCount)
        let low = min(count, max(0, first - before + cost - 1) / cost)
        let high = min(count, max(0, end - before + cost - 1) / cost)
        before += part.cost
        if low < high { part.multiply(tiles: low..<high, kernels: level.matmul) }
    }
}

extension GroupedProduct {
    /// Multiplies some tiles with all rows.
    fileprivate func multiply(tiles: Range<Int>, kernels: UnsafePointer<MatmulKernels>) {
        let panel = Int(MATMUL_PANEL_ROWS)
        for tile in tiles {
            for start in stride(from: 0, to: rows, by: panel) {
                product.multiply(
                    tile: tile,
                    activations: activations.start(ofPanel: start / panel, for: product.matrix),
                    source: source + start * sourceStride,
                    sourceStride: sourceStride,
                    rows: min(panel, rows - start),
                    outputRow: start,
                    kernels: kernels
                )
            }
        }
    }
}
