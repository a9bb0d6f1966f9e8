internal import Tensors

/// Measures products of one packed matrix; the activations are quantized beforehand.
struct KernelProbe {
    /// How long one figure is measured.
    private static let duration = Duration.milliseconds(150)

    private let pool: ThreadPool
    private let matrix: PackedMatrix

    /// A matrix of random weights, packed.
    ///
    /// - Throws: `TensorError`.
    init(_ type: DataType, features: Int, columns: Int, pool: ThreadPool) throws {
        self.pool = pool
        matrix = try PackedMatrix(packing: RandomWeights.source(type, rows: features, columns: columns), pool: pool)
    }

    /// Bytes of the packed weights.
    var packedBytes: Int { matrix.byteCount }

    /// Operations of one product, two per multiply-add.
    func operations(rows: Int) -> Double { 2 * Double(rows) * Double(matrix.rows) * Double(matrix.columns) }

    /// Seconds of the quickest product with `rows` rows, of all that fit in a fraction of a second.
    ///
    /// - Throws: `TensorError.outOfMemory`.
    func quickest(rows: Int) throws -> Double {
        let columns = matrix.columns
        var generator = SeededGenerator(seed: UInt64(rows))
        let inputs = (0..<rows * columns).map { _ in Float.random(in: -2...2, using: &generator) }
        var outputs = [Float](repeating: 0, count: rows * matrix.rows)
        let activations = try ActivationBuffer(rows: rows, columns: columns)
        return inputs.withUnsafeBufferPointer { inputs in
            outputs.withUnsafeMutableBufferPointer { outputs in
                guard let source = inputs.baseAddress, let target = outputs.baseAddress else { return .infinity }
                activations.quantize(rows: 0..<rows, of: rows, from: source, stride: columns, columns: columns)
                for row in 0..<rows { activations.round(row: row, from: source + row * columns, columns: columns) }
                let products = [MatrixProduct(matrix, into: target, stride: matrix.rows)]
                return quickest { worker in
                    multiply(
                        worker,
                        products,
                        activations: activations,
                        source: source,
                        sourceStride: columns,
                        rows: rows
                    )
                }
            }
        }
    }

    /// Seconds of the quickest run.
    private func quickest(_ work: (Worker) -> Void) -> Double {
        var shortest = Double.infinity
        let begin = ContinuousClock.now
        var end = begin
        repeat {
            let start = end
            pool.run(work)
            end = .now
            shortest = min(shortest, start.duration(to: end) / .seconds(1))
        } while begin.duration(to: end) < Self.duration
        return shortest
    }
}
