internal import CPUKernels

/// One matrix of a fused group and where its product goes, `[rows, matrix.rows]`.
public struct MatrixProduct {
    /// The weights.
    public let matrix: PackedMatrix
    /// First output element.
    public let output: UnsafeMutablePointer<Float>
    /// Floats from one output row to the next.
    public let outputStride: Int

    /// A matrix and where its product goes.
    public init(_ matrix: PackedMatrix, into output: UnsafeMutablePointer<Float>, stride: Int) {
        self.matrix = matrix
        self.output = output
        self.outputStride = stride
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
    let kernels = level.matmul
    let panelRows = Int(MATMUL_PANEL_ROWS)
    let tileCount = products.reduce(0) { $0 + $1.matrix.tileCount }
    let share = worker.range(of: tileCount)
    for panel in 0..<(rows + panelRows - 1) / panelRows {
        let firstRow = panel * panelRows
        var before = 0
        for product in products {
            let matrix = product.matrix
            let tiles = share.clamped(to: before..<before + matrix.tileCount)
            let groups = matrix.columns / Int(MATMUL_GROUP)
            let panelActivations =
                matrix.activationKind == .rounded
                ? UnsafeRawPointer(activations.rounded(row: firstRow, columns: matrix.columns))
                : UnsafeRawPointer(activations.panel(panel, groups: groups))
            for tile in tiles {
                let firstFeature = (tile - before) * Int(MATMUL_TILE)
                var task = MatmulTask(
                    tile: matrix.tile(tile - before),
                    groups: Int32(groups),
                    rows: Int32(min(panelRows, rows - firstRow)),
                    activations: panelActivations,
                    source: source + firstRow * sourceStride,
                    source_stride: sourceStride,
                    output: product.output + (firstRow * product.outputStride + firstFeature),
                    output_stride: product.outputStride,
                    features: Int32(min(Int(MATMUL_TILE), matrix.rows - firstFeature))
                )
                packed_multiply(kernels, matrix.form, &task)
            }
            before += matrix.tileCount
        }
    }
}
