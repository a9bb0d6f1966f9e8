import Tensors
import Testing

/// Low-rank factors against plain loops, and every instruction set against the portable kernels.
@Suite struct LowRankFactorTests {
    /// Packed numbers of a factor; they may be rounded to half precision.
    private static func packed(rows: Int, columns: Int, _ numbers: [Float]) -> [UInt16] {
        var tiles = [UInt16](repeating: 0, count: LowRankFactor.packedCount(rows: rows, columns: columns))
        numbers.withUnsafeBufferPointer { numbers in
            tiles.withUnsafeMutableBufferPointer { tiles in
                guard let start = tiles.baseAddress else { return }
                for row in 0..<rows {
                    let numbers = UnsafeBufferPointer(rebasing: numbers[row * columns..<(row + 1) * columns])
                    #expect(LowRankFactor.pack(row: row, numbers, to: start))
                }
            }
        }
        return tiles
    }

    private static func product(
        _ tiles: [UInt16],
        rows: Int,
        columns: Int,
        _ x: [Float],
        count: Int,
        adds: Bool,
        level: KernelLevel,
    ) -> [Float] {
        // Two floats of each row that nothing may be written to.
        var output = (0..<count * (rows + 2)).map { Float($0 % 7) }
        tiles.withUnsafeBufferPointer { tiles in
            x.withUnsafeBufferPointer { x in
                output.withUnsafeMutableBufferPointer { output in
                    guard let tiles = tiles.baseAddress, let x = x.baseAddress, let output = output.baseAddress else {
                        return
                    }
                    let factor = LowRankFactor(rows: rows, columns: columns, tiles: tiles)
                    factor.multiply(
                        tiles: 0..<factor.tileCount,
                        source: x,
                        sourceStride: columns,
                        rows: count,
                        to: output,
                        outputStride: rows + 2,
                        scale: 0.75,
                        adds: adds,
                        level: level
                    )
                }
            }
        }
        return output
    }

    @Test(arguments: [(1, 1), (8, 32), (16, 100), (40, 7)], [1, 4, 13, 30])
    func productsAreThoseOfPlainLoops(shape: (rows: Int, columns: Int), count: Int) {
        let (rows, columns) = shape
        let numbers = MatrixMultiplyTests.inputs(rows: rows, columns: columns).map { Float(Float16($0)) }
        let x = MatrixMultiplyTests.inputs(rows: count, columns: columns)
        let tiles = Self.packed(rows: rows, columns: columns, numbers)
        for adds in [false, true] {
            let plain = Self.product(tiles, rows: rows, columns: columns, x, count: count, adds: adds, level: .generic)
            var largest = 0.0
            for row in 0..<count {
                for feature in 0..<rows + 2 {
                    let place = row * (rows + 2) + feature
                    let before = Double(place % 7)
                    guard feature < rows else {
                        largest = max(largest, plain[place] == Float(before) ? 0 : .infinity)
                        continue
                    }
                    let products = (0..<columns).map { column in
                        Double(numbers[feature * columns + column]) * Double(x[row * columns + column])
                    }
                    let expected = 0.75 * products.reduce(0, +) + (adds ? before : 0)
                    let size = products.reduce(1) { $0 + abs($1) }
                    largest = max(largest, abs(Double(plain[place]) - expected) / size)
                }
            }
            #expect(largest < 1e-5)
            for level in KernelLevel.available {
                let found = Self.product(tiles, rows: rows, columns: columns, x, count: count, adds: adds, level: level)
                #expect(found.map(\.bitPattern) == plain.map(\.bitPattern), "\(level)")
            }
            // A row by itself.
            let own = Array(x[..<columns])
            let alone = Self.product(tiles, rows: rows, columns: columns, own, count: 1, adds: adds, level: .chosen)
            #expect(alone[..<rows].map(\.bitPattern) == plain[..<rows].map(\.bitPattern))
        }
    }

    @Test(arguments: [Float.nan, .infinity, 65520, -1e9])
    func numbersThatDontFitAreRefused(number: Float) {
        var tiles = [UInt16](repeating: 0, count: LowRankFactor.packedCount(rows: 1, columns: 2))
        let fits = [1, number].withUnsafeBufferPointer { numbers in
            tiles.withUnsafeMutableBufferPointer { tiles in
                tiles.baseAddress.map { LowRankFactor.pack(row: 0, numbers, to: $0) }
            }
        }
        #expect(fits == false)
    }
}
