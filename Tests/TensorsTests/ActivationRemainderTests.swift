import Tensors
import Testing

/// Rows quantized twice: what the first quantization loses, the second holds.
@Suite struct ActivationRemainderTests {
    static let columns = 512

    /// Row 0 is quantized as it is, row 1 is its remainder, on an identity matrix.
    static func halves(of x: [Float], level: KernelLevel) throws -> (coarse: [Float], remainder: [Float]) {
        let pool = try ThreadPool(threadCount: 1)
        // Scale 1 (half precision 0x3C00) and then 32 bytes, one of which is 1 where row and column meet.
        var bytes: [UInt8] = []
        for row in 0..<columns {
            for block in 0..<columns / 32 {
                bytes += [0x00, 0x3C] + (0..<32).map { block * 32 + $0 == row ? 1 : 0 }
            }
        }
        let stored = TestBytes(bytes)
        let source = try StoredMatrix(
            dataType: .q8_0,
            rows: columns,
            columns: columns,
            bytes: stored.buffer,
            owner: stored
        )
        let identity = try PackedMatrix(packing: source, pool: pool)
        let activations = try ActivationBuffer(rows: 2, columns: columns, level: level)
        var row = x
        var output = [Float](repeating: .nan, count: 2 * columns)
        row.withUnsafeMutableBufferPointer { row in
            output.withUnsafeMutableBufferPointer { output in
                guard let row = row.baseAddress, let target = output.baseAddress else { return }
                activations.quantize(rows: 0..<1, of: 2, from: row, stride: columns, columns: columns, remainder: row)
                activations.quantize(rows: 1..<2, of: 2, from: row, stride: columns, columns: columns)
                pool.run { worker in
                    multiply(
                        worker,
                        [MatrixProduct(identity, into: target, stride: columns)],
                        activations: activations,
                        source: row,
                        sourceStride: 0,
                        rows: 2,
                        level: level
                    )
                }
            }
        }
        return (Array(output[..<columns]), Array(output[columns...]))
    }

    @Test(arguments: KernelLevel.available)
    func theSumIsExactToFifteenBits(level: KernelLevel) throws {
        let x = MatrixMultiplyTests.inputs(rows: 1, columns: Self.columns)
        let (coarse, remainder) = try Self.halves(of: x, level: level)
        for group in 0..<Self.columns / 32 {
            let columns = group * 32..<(group + 1) * 32
            let largest = columns.map { abs(x[$0]) }.max() ?? 0
            let loss = columns.map { abs(x[$0] - coarse[$0]) }.max() ?? 0
            let rest = columns.map { abs(x[$0] - (coarse[$0] + remainder[$0])) }.max() ?? 0
            #expect(loss > largest / 1000, "the first row alone is coarse")
            #expect(rest <= largest / (2 * 127 * 254) * 1.01)
        }
    }

    @Test(arguments: KernelLevel.available)
    func whatIsExactHasNoRemainder(level: KernelLevel) throws {
        let x = (0..<Self.columns).map { Float($0 % 32 == 5 ? 127 : $0 % 100) }
        let (coarse, remainder) = try Self.halves(of: x, level: level)
        #expect(coarse == x)
        #expect(remainder.allSatisfy { $0 == 0 })
    }
}
