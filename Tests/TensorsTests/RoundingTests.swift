import Foundation
import Tensors
import Testing

/// Floats that are rounded to fewer bits when they are packed.
@Suite struct RoundingTests {
    /// Shapes of what weights may be distributed like.
    enum Distribution: CaseIterable, Sendable {
        case gaussian
        case laplace
        case uniform
        /// A few weights are twenty times as large as the others.
        case outliers
        /// All weights are close to one number that isn't zero.
        case offset
        case constant
        case zero

        func number(_ generator: inout SeededGenerator) -> Float {
            let uniform = Double.random(in: 1e-9..<1, using: &generator)
            let angle = Double.random(in: 0..<(2 * .pi), using: &generator)
            let gaussian = (-2 * log(uniform)).squareRoot() * cos(angle)
            return switch self {
            case .gaussian: Float(0.02 * gaussian)
            case .laplace: Float(0.02 * log(uniform) * (angle < .pi ? 1 : -1))
            case .uniform: Float(0.02 * (uniform - 0.5))
            case .outliers: Float(0.02 * gaussian * (angle < 0.1 ? 20 : 1))
            case .offset: Float(3 + 0.001 * gaussian)
            case .constant: -0.123
            case .zero: 0
            }
        }
    }

    static let columns = 320
    static let rows = 21

    static func matrix(_ distribution: Distribution) throws -> (StoredMatrix, [Float]) {
        var generator = SeededGenerator(state: 3)
        let numbers = (0..<rows * columns).map { _ in distribution.number(&generator) }
        let stored = TestBytes(numbers.withUnsafeBytes { Array($0) })
        let matrix = try StoredMatrix(dataType: .f32, rows: rows, columns: columns, bytes: stored.buffer, owner: stored)
        return (matrix, numbers)
    }

    static func rounded(_ matrix: StoredMatrix, _ rounding: MatrixRounding, threads: Int = 2) throws -> [Float] {
        let packed = try PackedMatrix(packing: matrix, rounding: rounding, pool: ThreadPool(threadCount: threads))
        var numbers = [Float](repeating: .nan, count: matrix.rows * matrix.columns)
        numbers.withUnsafeMutableBufferPointer { numbers in
            guard let start = numbers.baseAddress else { return }
            for row in 0..<matrix.rows { packed.unpackRow(row, into: start + row * matrix.columns) }
        }
        return numbers
    }

    /// Weighted squared error of numbers rounded to the nearest of equal steps from their least to their largest, or of
    /// steps symmetric around zero; scale and minimum in half precision.
    static func nearestError(_ numbers: ArraySlice<Float>, _ weights: ArraySlice<Float>, levels: Int?) -> Double {
        let (least, largest) = (numbers.min() ?? 0, numbers.max() ?? 0)
        let size = max(-least, largest)
        let scale = Float(Float16(levels.map { (largest - least) / Float($0 - 1) } ?? size / 127))
        let minimum = levels == nil ? 0 : Float(Float16(least))
        return zip(numbers, weights).reduce(0) { sum, pair in
            let step = scale > 0 ? ((pair.0 - minimum) / scale).rounded(.toNearestOrEven) : 0
            let limited = levels.map { min(max(step, 0), Float($0 - 1)) } ?? min(max(step, -127), 127)
            let error = Double(pair.0) - Double(scale * limited + minimum)
            return sum + Double(pair.1) * error * error
        }
    }

    /// The sum over every column, or one in `step`.
    static func squaredError(_ numbers: [Float], _ result: [Float], step: Int = 1) -> Double {
        var sum = 0.0
        for index in stride(from: 0, to: numbers.count, by: step) {
            let difference = Double(numbers[index] - result[index])
            sum += difference * difference
        }
        return sum
    }

    static let importance: [Float] = (0..<columns).map { column in
        let numerator = 1 + column * 7919 % 113
        return Float(numerator) / Float(column % 5 + 1)
    }

    @Test(arguments: Distribution.allCases, [32, 64, 128])
    func fourAndFiveBitsAreNeverWorseThanTheNearestInAnyGroup(distribution: Distribution, groupSize: Int) throws {
        let (matrix, numbers) = try Self.matrix(distribution)
        let importance = ColumnImportance(meanSquares: Self.importance)
        let ones = [Float](repeating: 1, count: Self.columns)
        let cases: [([Float], ColumnImportance?)] = [(ones, nil), (importance.meanSquares, importance)]
        for (weights, measured) in cases {
            let four = try Self.rounded(matrix, .fourBits(groupSize: groupSize, importance: measured))
            try checkGroups(numbers, four, weights, groupSize: groupSize, levels: 16)
            let five = try Self.rounded(matrix, .fiveBits(groupSize: groupSize, importance: measured))
            try checkGroups(numbers, five, weights, groupSize: groupSize, levels: 32)
        }
    }

    @Test(arguments: Distribution.allCases, [32, 128])
    func eightBitsAreNeverWorseThanTheNearestInAnyGroup(distribution: Distribution, groupSize: Int) throws {
        let (matrix, numbers) = try Self.matrix(distribution)
        let result = try Self.rounded(matrix, .eightBits(groupSize: groupSize))
        try checkGroups(numbers, result, [Float](repeating: 1, count: Self.columns), groupSize: groupSize, levels: nil)
    }

    private func checkGroups(
        _ numbers: [Float],
        _ result: [Float],
        _ weights: [Float],
        groupSize: Int,
        levels: Int?,
    ) throws {
        for row in 0..<Self.rows {
            for start in stride(from: 0, to: Self.columns, by: groupSize) {
                let columns = start..<min(start + groupSize, Self.columns)
                let range = row * Self.columns + columns.lowerBound..<row * Self.columns + columns.upperBound
                let error = range.reduce(0.0) { sum, index in
                    let difference = Double(numbers[index]) - Double(result[index])
                    return sum + Double(weights[index % Self.columns]) * difference * difference
                }
                let nearest = Self.nearestError(numbers[range], weights[columns], levels: levels)
                // Both are sums in single precision there and in double precision here.
                #expect(error <= nearest * 1.00001 + 1e-15, "row \(row) column \(start)")
            }
        }
    }

    @Test func theSearchTakesATenthOffTheErrorOfGaussianWeights() throws {
        let (matrix, numbers) = try Self.matrix(.gaussian)
        let result = try Self.rounded(matrix, .fourBits(groupSize: 32))
        let error = Self.squaredError(numbers, result)
        let ones = [Float](repeating: 1, count: 32)
        var nearest = 0.0
        for start in stride(from: 0, to: numbers.count, by: 32) {
            nearest += Self.nearestError(numbers[start..<start + 32], ones[...], levels: 16)
        }
        #expect(error < 0.9 * nearest)
    }

    @Test func columnsThatMatterHaveTheSmallerErrors() throws {
        let (matrix, numbers) = try Self.matrix(.gaussian)
        let matters = (0..<Self.columns).map { Float($0 % 4 == 0 ? 100 : 1) }
        let result = try Self.rounded(
            matrix,
            .fourBits(groupSize: 32, importance: ColumnImportance(meanSquares: matters))
        )
        let plain = try Self.rounded(matrix, .fourBits(groupSize: 32))
        #expect(Self.squaredError(numbers, result, step: 4) < 0.7 * Self.squaredError(numbers, plain, step: 4))
    }

    @Test(arguments: [true, false])
    func aRowsLargestNumberIsKept(isFloat: Bool) throws {
        let rounding: MatrixRounding = isFloat ? .float8 : .eightBits(groupSize: nil)
        let (matrix, numbers) = try Self.matrix(.laplace)
        let result = try Self.rounded(matrix, rounding)
        for row in 0..<Self.rows {
            let range = row * Self.columns..<(row + 1) * Self.columns
            let largest = numbers[range].map(abs).max() ?? 0
            for index in range {
                // Half a step of 127, or of 8 in each power of two and of 2^-9 of a 448th.
                let float8 = max(abs(numbers[index]) / 16, largest / 448 / 1024)
                let allowed = isFloat ? float8 : largest / 236
                #expect(abs(numbers[index] - result[index]) <= allowed * 1.001, "row \(row)")
            }
        }
    }

    @Test func eightBitFloatsAreTheNearestThereAre() throws {
        // Halfway cases, subnormal numbers and the largest; a scale of 1.
        let numbers: [Float] = [
            448, 447, 432, 416, 17, 18, 19, 1.0625, 1.1875, 0.015625, 0.0146, 0.001, 0.0009765625, -20, -0.003, 0,
        ]
        let expected: [Float] = [
            448, 448, 448, 416, 16, 18, 20, 1, 1.25, 0.015625, 0.013671875, 0.001953125, 0, -20, -0.00390625, 0,
        ]
        let stored = TestBytes((numbers + numbers).withUnsafeBytes { Array($0) })
        let matrix = try StoredMatrix(dataType: .f32, rows: 1, columns: 32, bytes: stored.buffer, owner: stored)
        #expect(try Self.rounded(matrix, .float8) == expected + expected)
    }

    @Test func resultsDependOnNeitherThreadsNorTheTypeOfTheSameNumbers() throws {
        let (matrix, _) = try Self.matrix(.outliers)
        let one = try Self.rounded(matrix, .fourBits(groupSize: 32), threads: 1)
        #expect(try Self.rounded(matrix, .fourBits(groupSize: 32), threads: 3) == one)
        let halves = try MatrixMultiplyTests.source(.bf16, rows: 16, columns: 64, seed: 2)
        var numbers = [Float](repeating: 0, count: 16 * 64)
        numbers.withUnsafeMutableBufferPointer { numbers in
            for row in 0..<16 { halves.dequantizeRow(row, into: numbers.baseAddress.unsafelyUnwrapped + row * 64) }
        }
        let stored = TestBytes(numbers.withUnsafeBytes { Array($0) })
        let same = try StoredMatrix(dataType: .f32, rows: 16, columns: 64, bytes: stored.buffer, owner: stored)
        let rounding = MatrixRounding.fourBits(groupSize: 64)
        #expect(try Self.rounded(halves, rounding) == Self.rounded(same, rounding))
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity, 1e6])
    func numbersThatCantBeRoundedAreRefused(number: Float) throws {
        var numbers = [Float](repeating: 0.5, count: 64)
        numbers[37] = number
        let stored = TestBytes(numbers.withUnsafeBytes { Array($0) })
        let matrix = try StoredMatrix(dataType: .f32, rows: 2, columns: 32, bytes: stored.buffer, owner: stored)
        let roundings: [MatrixRounding] = [
            .fourBits(groupSize: 32), .fiveBits(groupSize: 128), .eightBits(groupSize: 32), .eightBits(groupSize: nil),
            .float8,
        ]
        for rounding in roundings {
            #expect(throws: TensorError.unusableNumbers(rows: 2, columns: 32, format: .blocks(.f32))) {
                try Self.rounded(matrix, rounding)
            }
        }
    }

    @Test func importanceMustBeOfTheMatrixsColumns() throws {
        let (matrix, _) = try Self.matrix(.gaussian)
        let importance = ColumnImportance(meanSquares: [1, 2, 3])
        #expect(throws: TensorError.self) {
            try Self.rounded(matrix, .fourBits(groupSize: 32, importance: importance))
        }
    }

    @Test func importanceIsPositiveWhateverWasMeasured() {
        let measured = ColumnImportance(meanSquares: [1, 0, -3, .nan, .infinity, 3])
        #expect(measured.meanSquares.allSatisfy { $0 > 0 && $0.isFinite })
        #expect(measured.meanSquares[5] == 3 * measured.meanSquares[0])
        #expect(ColumnImportance(meanSquares: [0, 0]).meanSquares == [1, 1])
    }
}
