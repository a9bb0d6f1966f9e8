import Tensors
import Testing

/// Different rows times different matrices, as experts have them, against each row's product by itself.
@Suite struct GroupedMultiplyTests {
    /// Rows of each matrix: alone, part of a block, some panels.
    private static let counts = [1, 3, 70, 4, 2, 129, 1]
    private static let columns = 256

    @Test(arguments: [DataType.q4_k, .q6_k, .q8_0, .bf16, .f32], [1, 2, 3])
    func everyRowHasTheBitsOfItsProductAlone(type: DataType, threads: Int) throws {
        let pool = try ThreadPool(threadCount: threads)
        let matrices = try Self.counts.indices.map { index in
            let source = try MatrixMultiplyTests.source(type, rows: 20 + 16 * index, columns: Self.columns, seed: 9)
            return try PackedMatrix(packing: source, pool: pool)
        }
        let starts = Self.counts.indices.map { Self.counts[..<$0].reduce(0) { $0 + ($1 + 3) / 4 * 4 } }
        let slots = Self.counts.reduce(0) { $0 + ($1 + 3) / 4 * 4 }
        let x = MatrixMultiplyTests.inputs(rows: slots, columns: Self.columns)
        let width = 20 + 16 * Self.counts.count
        var found = [Float](repeating: .nan, count: slots * width)
        let buffer = try ActivationBuffer(rows: slots, columns: Self.columns)
        x.withUnsafeBufferPointer { x in
            found.withUnsafeMutableBufferPointer { found in
                guard let source = x.baseAddress, let target = found.baseAddress else { return }
                let work = Self.counts.indices.map { index in
                    let rows = source + starts[index] * Self.columns
                    let part = buffer.activations.part(fromRow: starts[index], columns: Self.columns)
                    let count = Self.counts[index]
                    part.quantize(rows: 0..<count, of: count, from: rows, stride: Self.columns, columns: Self.columns)
                    for row in 0..<count {
                        part.round(row: row, from: rows + row * Self.columns, columns: Self.columns)
                    }
                    return GroupedProduct(
                        MatrixProduct(matrices[index], into: target + starts[index] * width, stride: width),
                        activations: part,
                        source: rows,
                        sourceStride: Self.columns,
                        rows: count
                    )
                }
                work.withUnsafeBufferPointer { work in
                    pool.run { worker in multiply(worker, grouped: work) }
                }
            }
        }
        withExtendedLifetime(buffer) {}
        for (index, matrix) in matrices.enumerated() {
            for row in starts[index]..<starts[index] + Self.counts[index] {
                let own = Array(x[row * Self.columns..<(row + 1) * Self.columns])
                let alone = try MatrixMultiplyTests.product(matrix, own, rows: 1, level: .chosen, pool: pool)
                let together = found[row * width..<row * width + matrix.rows]
                #expect(together.map(\.bitPattern) == alone.map(\.bitPattern), "matrix \(index), row \(row)")
            }
        }
    }
}
