import Tensors
import Testing

/// Products on every instruction set present against the portable twin, bit for bit, and against plain arithmetic.
@Suite struct MatrixMultiplyTests {
    static let types = DataType.allCases

    /// Random blocks with small scales, so that no number is infinite.
    static func source(
        _ type: DataType,
        rows: Int,
        columns: Int,
        seed: UInt64,
        filledWith byte: UInt8? = nil,
    ) throws -> StoredMatrix {
        var generator = SeededGenerator(state: seed)
        let count = try #require(type.byteCount(elements: rows * columns))
        var bytes = (0..<count).map { _ in byte ?? UInt8.random(in: 0...255, using: &generator) }
        let halves: [Int] =
            switch type {
            case .q4_1, .q5_1, .q4_k, .q5_k: [0, 2]
            case .q2_k: [80, 82]
            case .q3_k: [108]
            case .q6_k: [208]
            case .f32, .f16, .bf16, .mxfp4: []
            default: [0]
            }
        // Powers of two from 2^-17 to 2^-2.
        if type == .mxfp4 { for block in stride(from: 0, to: count, by: 17) { bytes[block] = 110 + bytes[block] % 16 } }
        for block in 0..<count / type.bytesPerBlock {
            for offset in halves {
                bytes[block * type.bytesPerBlock + offset + 1] &= 0x83
                bytes[block * type.bytesPerBlock + offset + 1] |= 0x20
            }
        }
        if type.blockSize == 1 {
            let size = type.bytesPerBlock
            for element in 0..<rows * columns {
                let value = Float.random(in: -1...1, using: &generator)
                let bits: [UInt8] =
                    switch type {
                    case .f32: withUnsafeBytes(of: value) { Array($0) }
                    case .f16: withUnsafeBytes(of: Float16(value)) { Array($0) }
                    default: withUnsafeBytes(of: UInt16(value.bitPattern >> 16)) { Array($0) }
                    }
                for index in 0..<size { bytes[element * size + index] = bits[index] }
            }
        }
        let stored = TestBytes(bytes)
        return try StoredMatrix(dataType: type, rows: rows, columns: columns, bytes: stored.buffer, owner: stored)
    }

    static func inputs(rows: Int, columns: Int, outlier: Float = 20) -> [Float] {
        var generator = SeededGenerator(state: 99)
        return (0..<rows * columns).map { Float.random(in: -2...2, using: &generator) * ($0 % 37 == 0 ? outlier : 1) }
    }

    /// `[rows, matrix.rows]`, computed in one call.
    static func product(
        _ matrix: PackedMatrix,
        _ x: [Float],
        rows: Int,
        level: KernelLevel,
        pool: ThreadPool,
    ) throws -> [Float] {
        let activations = try ActivationBuffer(rows: rows, columns: matrix.columns, level: level)
        var output = [Float](repeating: .nan, count: rows * matrix.rows)
        x.withUnsafeBufferPointer { x in
            output.withUnsafeMutableBufferPointer { output in
                guard let source = x.baseAddress, let target = output.baseAddress else { return }
                pool.run { worker in
                    let share = worker.range(of: rows)
                    let first = source + share.lowerBound * matrix.columns
                    activations.quantize(
                        rows: share,
                        of: rows,
                        from: first,
                        stride: matrix.columns,
                        columns: matrix.columns
                    )
                    for row in share {
                        activations.round(row: row, from: source + row * matrix.columns, columns: matrix.columns)
                    }
                    worker.barrier()
                    multiply(
                        worker,
                        [MatrixProduct(matrix, into: target, stride: matrix.rows)],
                        activations: activations,
                        source: source,
                        sourceStride: matrix.columns,
                        rows: rows,
                        level: level
                    )
                }
            }
        }
        return output
    }

    @Test(arguments: types)
    func everyInstructionSetGivesTheSameBits(type: DataType) throws {
        let pool = try ThreadPool(threadCount: 2)
        let matrix = try PackedMatrix(packing: Self.source(type, rows: 41, columns: 512, seed: 5), pool: pool)
        for rows in [1, 2, 3, 4, 5, 9, 64, 65, 130] {
            let x = Self.inputs(rows: rows, columns: 512)
            let reference = try Self.product(matrix, x, rows: rows, level: .generic, pool: pool)
            #expect(reference.allSatisfy { $0.isFinite })
            for level in KernelLevel.available {
                let result = try Self.product(matrix, x, rows: rows, level: level, pool: pool)
                #expect(result.map(\.bitPattern) == reference.map(\.bitPattern), "\(type.name) \(level) rows \(rows)")
            }
        }
    }

    @Test func eightBitFloatsGiveTheSameBitsOnEveryInstructionSet() throws {
        let pool = try ThreadPool(threadCount: 2)
        let source = try Self.source(.f32, rows: 41, columns: 512, seed: 5)
        let matrix = try PackedMatrix(packing: source, rounding: .float8, pool: pool)
        for rows in [1, 2, 5, 12, 13, 65] {
            let x = Self.inputs(rows: rows, columns: 512)
            let reference = try Self.product(matrix, x, rows: rows, level: .generic, pool: pool)
            for level in KernelLevel.available {
                let result = try Self.product(matrix, x, rows: rows, level: level, pool: pool)
                #expect(result.map(\.bitPattern) == reference.map(\.bitPattern), "\(level) rows \(rows)")
            }
            var weights = [Float](repeating: 0, count: 512)
            for feature in 0..<41 {
                matrix.unpackRow(feature, into: &weights)
                let terms = zip(weights, x[..<512]).map { Double($0) * Double($1) }
                #expect(abs(Double(reference[feature]) - terms.reduce(0, +)) <= 1e-5 * terms.reduce(0) { $0 + abs($1) })
            }
        }
    }

    /// The largest sums of products: where 16-bit arithmetic would overflow first.
    @Test(arguments: types.filter { $0.blockSize > 1 }, [0x00, 0x7F, 0x80, 0xFF] as [UInt8])
    func extremeWeightsAndActivationsDontOverflow(type: DataType, byte: UInt8) throws {
        let pool = try ThreadPool(threadCount: 1)
        let source = try Self.source(type, rows: 16, columns: 256, seed: 5, filledWith: byte)
        let matrix = try PackedMatrix(packing: source, pool: pool)
        for rows in [1, 2, 4, 6] {
            let x = (0..<rows * 256).map { Float(($0 / 256) % 2 == 0 ? 3 : -3) }
            let reference = try Self.product(matrix, x, rows: rows, level: .generic, pool: pool)
            #expect(reference.allSatisfy { $0.isFinite })
            for level in KernelLevel.available {
                let result = try Self.product(matrix, x, rows: rows, level: level, pool: pool)
                #expect(result.map(\.bitPattern) == reference.map(\.bitPattern), "\(type.name) \(level) rows \(rows)")
            }
        }
    }

    @Test func activationsNearZeroGiveZero() throws {
        let pool = try ThreadPool(threadCount: 1)
        let matrix = try PackedMatrix(packing: Self.source(.q4_0, rows: 16, columns: 256, seed: 5), pool: pool)
        let x = [Float](repeating: .leastNonzeroMagnitude, count: 256)
        for level in KernelLevel.available {
            #expect(try Self.product(matrix, x, rows: 1, level: level, pool: pool).allSatisfy { $0 == 0 })
        }
    }

    @Test(arguments: types)
    func aRowIsTheSameAloneAndAmongOthersOnAnyNumberOfThreads(type: DataType) throws {
        let one = try ThreadPool(threadCount: 1)
        let three = try ThreadPool(threadCount: 3)
        let matrix = try PackedMatrix(packing: Self.source(type, rows: 64, columns: 256, seed: 6), pool: three)
        let x = Self.inputs(rows: 70, columns: 256)
        let together = try Self.product(matrix, x, rows: 70, level: .chosen, pool: three)
        for row in 0..<70 {
            let own = Array(x[row * 256..<(row + 1) * 256])
            let alone = try Self.product(matrix, own, rows: 1, level: .chosen, pool: one)
            #expect(alone.map(\.bitPattern) == together[row * 64..<(row + 1) * 64].map(\.bitPattern))
        }
    }

    @Test(arguments: types)
    func productsAreThoseOfTheStoredWeights(type: DataType) throws {
        let pool = try ThreadPool(threadCount: 2)
        let source = try Self.source(type, rows: 32, columns: 512, seed: 8)
        let matrix = try PackedMatrix(packing: source, pool: pool)
        let x = Self.inputs(rows: 3, columns: 512, outlier: 1)
        let result = try Self.product(matrix, x, rows: 3, level: .chosen, pool: pool)
        var weights = [Float](repeating: 0, count: 512)
        for feature in 0..<32 {
            source.dequantizeRow(feature, into: &weights)
            for row in 0..<3 {
                let terms = zip(weights, x[row * 512..<(row + 1) * 512]).map { Double($0) * Double($1) }
                let exact = terms.reduce(0, +)
                // Eight-bit activations err by about 0.4 % of the size of the terms, those of bfloat16 by half as much;
                // floats only round.
                let size = terms.reduce(0) { $0 + $1 * $1 }.squareRoot()
                let allowed = [.f32, .f16].contains(type) ? 1e-5 * size + 1e-5 : (type == .bf16 ? 0.01 : 0.02) * size
                #expect(abs(Double(result[row * 32 + feature]) - exact) <= allowed, "\(type.name)")
            }
        }
    }

    @Test func aQuantizedMatrixNeedsWholeGroups() throws {
        let pool = try ThreadPool(threadCount: 1)
        let stored = TestBytes([UInt8](repeating: 0, count: 40 * 4))
        let source = try StoredMatrix(dataType: .f32, rows: 1, columns: 40, bytes: stored.buffer, owner: stored)
        #expect(throws: TensorError.self) { try PackedMatrix(packing: source, pool: pool) }
    }
}
