internal import CPUKernels

/// One matrix of a fused group and where its product goes, `[rows, matrix.rows]`.
public struct MatrixProduct {
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

    private init(_ tiles: PackedTiles, into output: UnsafeMutablePointer<Float>, stride: Int) {
        matrix = tiles
        self.output = output
        self.outputStride = stride
    }

    /// The same product, to be written `rows` rows further.
    public func moved(rows: Int) -> MatrixProduct {
        MatrixProduct(matrix, into: output + rows * outputStride, stride: outputStride)
    }
}

/// The output features of each product that a worker computes in `multiply`.
public func computedFeatures(_ products: [MatrixProduct], _ worker: Worker) -> [(MatrixProduct, Range<Int>)] {
    let share = worker.range(of: products.reduce(0) { $0 + $1.matrix.tileCount })
    var before = 0
    return products.map { product in
        let tiles = share.clamped(to: before..<before + product.matrix.tileCount)
        defer { before += product.matrix.tileCount }
        let first = (tiles.lowerBound - before) * Int(MATMUL_TILE)
        let end = min((tiles.upperBound - before) * Int(MATMUL_TILE), product.matrix.rows)
        return (product, tiles.isEmpty ? 0..<0 : first..<end)
    }
}

/// The weights that a worker reads first in `multiply`, up to `limit` bytes.
public func firstWeights(_ products: [MatrixProduct], _ worker: Worker, limit: Int) -> UnsafeRawBufferPointer {
    for (product, features) in computedFeatures(products, worker) where !features.isEmpty {
        let tiles = (features.count + Int(MATMUL_TILE) - 1) / Int(MATMUL_TILE)
        let start = product.matrix.tile(features.lowerBound / Int(MATMUL_TILE))
        return UnsafeRawBufferPointer(start: start, count: min(limit, tiles * product.matrix.tileBytes))
    }
    return UnsafeRawBufferPointer(start: nil, count: 0)
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
public func multiply(
    _ worker: Worker,
    _ products: [MatrixProduct],
    activations: ActivationBuffer,
    source: UnsafePointer<Float>,
    sourceStride: Int,
    rows: Int,
    level: KernelLevel = .chosen,
) {
    let tileCount = products.reduce(0) { $0 + $1.matrix.tileCount }
    let share = worker.range(of: tileCount)
    let panelCount = (rows + Int(MATMUL_PANEL_ROWS) - 1) / Int(MATMUL_PANEL_ROWS)
    let together = panelsTogether(columns: products.first?.matrix.columns ?? 0)
    for start in stride(from: 0, to: panelCount, by: together) {
        var before = 0
        for product in products {
            let tiles = share.clamped(to: before..<before + product.matrix.tileCount)
            for tile in tiles {
                for panel in start..<min(start + together, panelCount) {
                    let firstRow = panel * Int(MATMUL_PANEL_ROWS)
                    product.multiply(
                        tile: tile - before,
                        activations: activations.start(ofPanel: panel, for: product.matrix),
                        source: source + firstRow * sourceStride,
                        sourceStride: sourceStride,
                        rows: firstRow..<min(firstRow + Int(MATMUL_PANEL_ROWS), rows),
                        kernels: level.matmul
                    )
                }
            }
            before += product.matrix.tileCount
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
    /// Multiplies one tile with one panel.
    fileprivate func multiply(
        tile: Int,
        activations: UnsafeRawPointer,
        source: UnsafePointer<Float>,
        sourceStride: Int,
        rows: Range<Int>,
        kernels: UnsafePointer<MatmulKernels>,
    ) {
        let firstFeature = tile * Int(MATMUL_TILE)
        var task = MatmulTask(
            tile: matrix.tile(tile),
            groups: Int32(matrix.columns / Int(MATMUL_GROUP)),
            rows: Int32(rows.count),
            activations: activations,
            source: source,
            source_stride: sourceStride,
            output: output + (rows.lowerBound * outputStride + firstFeature),
            output_stride: outputStride,
            features: Int32(min(Int(MATMUL_TILE), matrix.rows - firstFeature))
        )
        packed_multiply(kernels, matrix.form, &task)
    }
}
