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
    public static func tileCost(rows: Int) -> Int { max(rows, 4) + 2 }
    fileprivate var tileCost: Int { Self.tileCost(rows: rows) }
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
    var shares = TileShares(worker, totalCost: work.reduce(0) { $0 + $1.cost })
    for part in work {
        let tiles = shares.next(count: part.product.matrix.tileCount, cost: part.tileCost)
        if !tiles.isEmpty { part.multiply(worker, tiles: tiles, kernels: level.matmul) }
    }
}

/// One worker's share of the tiles of several matrices, which are dealt by their cost.
public struct TileShares {
    private let first: Int
    private let end: Int
    private var before = 0

    /// The share of a worker in work of a cost.
    public init(_ worker: Worker, totalCost: Int) {
        first = totalCost * worker.index / worker.count
        end = totalCost * (worker.index + 1) / worker.count
    }

    /// The worker's tiles of the next matrix, of which one costs `cost`: those whose cost begins in its share.
    public mutating func next(count: Int, cost: Int) -> Range<Int> {
        let low = min(count, max(0, first - before + cost - 1) / cost)
        let high = min(count, max(0, end - before + cost - 1) / cost)
        before += count * cost
        return low..<max(low, high)
    }
}

extension GroupedProduct {
    /// Multiplies some tiles with all rows.
    fileprivate func multiply(_ worker: Worker, tiles: Range<Int>, kernels: UnsafePointer<MatmulKernels>) {
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
                worker.beat()
            }
        }
    }
}
