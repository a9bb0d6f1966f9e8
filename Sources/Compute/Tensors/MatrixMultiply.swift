internal import CPUKernels

/// One matrix of a fused group and where its product goes, `[rows, matrix.rows]`.
public struct MatrixProduct: BitwiseCopyable {
    /// The weights; they have to live as long.
    public let matrix: PackedTiles
    /// First output element.
    public let output: UnsafeMutablePointer<Float>
    /// Floats from one output row to the next.
    public let outputStride: Int

    /// A matrix and where its product goes.
    public init(_ matrix: PackedMatrix, into output: UnsafeMutablePointer<Float>, stride: Int) {
        self.init(matrix.tiles, into: output, stride: stride)
    }

    /// A matrix's tiles and where its product goes.
    public init(_ tiles: PackedTiles, into output: UnsafeMutablePointer<Float>, stride: Int) {
        matrix = tiles
        self.output = output
        self.outputStride = stride
    }
}

/// Matrices with equal columns that multiply the same rows; their memory belongs to whoever made them.
public typealias FusedProducts = UnsafeBufferPointer<MatrixProduct>

extension Worker {
    /// Shows the tiles of each product that this worker computes in `multiply`, where there are any.
    @inline(__always)
    fileprivate func forEachShare(
        of products: FusedProducts,
        _ body: (_ index: Int, _ product: MatrixProduct, _ tiles: Range<Int>) -> Void,
    ) {
        let share = range(of: products.reduce(0) { $0 + $1.matrix.tileCount })
        var before = 0
        for (index, product) in products.enumerated() {
            let tiles = share.clamped(to: before..<before + product.matrix.tileCount)
            if !tiles.isEmpty { body(index, product, tiles.lowerBound - before..<tiles.upperBound - before) }
            before += product.matrix.tileCount
        }
    }
}

extension Worker {
    /// Shows the output features of each product that this worker computes in `multiply`, where there are any.
    public func forEachComputed(
        of products: FusedProducts,
        _ body: (_ index: Int, _ product: MatrixProduct, _ features: Range<Int>) -> Void,
    ) {
        forEachShare(of: products) { index, product, tiles in
            let end = min(tiles.upperBound * Int(MATMUL_TILE), product.matrix.rows)
            body(index, product, tiles.lowerBound * Int(MATMUL_TILE)..<end)
        }
    }
}

/// Asks for memory that is read soon to come into the cache.
public func prefetch(_ memory: UnsafeRawBufferPointer) {
    prefetch_bytes(memory.baseAddress, memory.count)
}

/// The weights that a worker reads first in `multiply`, up to `limit` bytes.
public func firstWeights(_ products: FusedProducts, _ worker: Worker, limit: Int) -> UnsafeRawBufferPointer {
    var first = UnsafeRawBufferPointer(start: nil, count: 0)
    worker.forEachShare(of: products) { _, product, tiles in
        guard first.isEmpty else { return }
        let bytes = min(limit, tiles.count * product.matrix.tileBytes)
        first = UnsafeRawBufferPointer(start: product.matrix.tile(tiles.lowerBound), count: bytes)
    }
    return first
}

/// Multiplies the same activations with several matrices: `output[row][feature] = sum over k of x[row][k] * w[feature][k]`.
///
/// Executed by all workers; each computes its share of the output features. There is no barrier inside.
///
/// - Parameters:
///   - products: matrices with equal columns.
///   - activations: the rows as the matrices' activation kinds want them.
///   - source: the rows as they are, `[rows, sourceStride]`, which float weights are multiplied with.
///   - rows: how many rows.
///   - outputRow: the row of the outputs that the first one becomes.
public func multiply(
    _ worker: Worker,
    _ products: FusedProducts,
    activations: Activations,
    source: UnsafePointer<Float>,
    sourceStride: Int,
    rows: Int,
    outputRow: Int = 0,
    level: KernelLevel = .chosen,
) {
    multiplyTiles(worker, products, activations, source, sourceStride, rows, outputRow, level) { _, _, _, _ in }
}

/// Multiplies like the function above, and shows each tile of a product behind its multiplication with some rows, while their
/// products are in the cache.
///
/// - Parameter behind: Takes the product's index, the tile, all tiles of the product that the worker computes, and the rows,
///   counted from the first one.
public func multiply(
    _ worker: Worker,
    _ products: FusedProducts,
    activations: Activations,
    source: UnsafePointer<Float>,
    sourceStride: Int,
    rows: Int,
    outputRow: Int = 0,
    level: KernelLevel = .chosen,
    behind: (_ index: Int, _ tile: Int, _ tiles: Range<Int>, _ rows: Range<Int>) -> Void,
) {
    multiplyTiles(worker, products, activations, source, sourceStride, rows, outputRow, level, behind)
}

@inline(__always)
private func multiplyTiles(
    _ worker: Worker,
    _ products: FusedProducts,
    _ activations: Activations,
    _ source: UnsafePointer<Float>,
    _ sourceStride: Int,
    _ rows: Int,
    _ outputRow: Int,
    _ level: KernelLevel,
    _ behind: (_ index: Int, _ tile: Int, _ tiles: Range<Int>, _ rows: Range<Int>) -> Void,
) {
    let panelCount = (rows + Int(MATMUL_PANEL_ROWS) - 1) / Int(MATMUL_PANEL_ROWS)
    let together = panelsTogether(columns: products.first?.matrix.columns ?? 0)
    for start in stride(from: 0, to: panelCount, by: together) {
        worker.forEachShare(of: products) { index, product, tiles in
            for tile in tiles {
                for panel in start..<min(start + together, panelCount) {
                    let firstRow = panel * Int(MATMUL_PANEL_ROWS)
                    product.multiply(
                        tile: tile,
                        activations: activations.start(ofPanel: panel, for: product.matrix),
                        source: source + firstRow * sourceStride,
                        sourceStride: sourceStride,
                        rows: min(Int(MATMUL_PANEL_ROWS), rows - firstRow),
                        outputRow: outputRow + firstRow,
                        kernels: level.matmul
                    )
                    worker.beat()
                }
                let first = start * Int(MATMUL_PANEL_ROWS)
                behind(index, tile, tiles, first..<min(first + together * Int(MATMUL_PANEL_ROWS), rows))
            }
        }
    }
}

/// Multiplies with matrices in an array, like the function above.
public func multiply(
    _ worker: Worker,
    _ products: [MatrixProduct],
    activations: ActivationBuffer,
    source: UnsafePointer<Float>,
    sourceStride: Int,
    rows: Int,
    level: KernelLevel = .chosen,
) {
    products.withUnsafeBufferPointer { products in
        withExtendedLifetime(activations) {
            multiply(
                worker,
                products,
                activations: activations.activations,
                source: source,
                sourceStride: sourceStride,
                rows: rows,
                level: level
            )
        }
    }
}

/// How many panels of activations a tile of weights is multiplied with while it is in the cache: as many as stay in half
/// of a second-level cache themselves.
private func panelsTogether(columns: Int) -> Int {
    let blocks = Int(MATMUL_PANEL_ROWS) / Int(MATMUL_ROW_BLOCK) * (columns / Int(MATMUL_GROUP))
    return max(1, 1 << 19 / (max(1, blocks) * MemoryLayout<ActivationBlock>.stride))
}

extension MatrixProduct {
    /// Multiplies one tile with up to a panel of rows, which become the rows of the output from `outputRow` on.
    func multiply(
        tile: Int,
        activations: UnsafeRawPointer,
        source: UnsafePointer<Float>,
        sourceStride: Int,
        rows: Int,
        outputRow: Int,
        kernels: UnsafePointer<MatmulKernels>,
    ) {
        let firstFeature = tile * Int(MATMUL_TILE)
        var task = MatmulTask(
            tile: matrix.tile(tile),
            groups: Int32(matrix.columns / Int(MATMUL_GROUP)),
            rows: Int32(rows),
            activations: activations,
            source: source,
            source_stride: sourceStride,
            output: output + (outputRow * outputStride + firstFeature),
            output_stride: outputStride,
            features: Int32(min(Int(MATMUL_TILE), matrix.rows - firstFeature))
        )
        packed_multiply(kernels, matrix.form, &task)
    }
}
