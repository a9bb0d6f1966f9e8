import Tensors
import Testing

/// Low-rank factors against plain loops, and every instruction set against the portable kernels.
@Suite struct LowRankFactorTests {
    /// A factor of `[rows, columns]` numbers and rows of activations, as kernels take them.
    private struct Product {
        let rows: Int
        let columns: Int
        var tiles: [UInt16]
        var x: [UInt16]

        let keepsRest: Bool
        /// Numbers of a row: an odd last column has another number behind it.
        var width: Int { columns + 1 }
        /// Numbers from one row of activations to the next.
        var stride: Int { keepsRest ? 2 * width : width }

        init(rows: Int, columns: Int, _ numbers: [Float], _ x: [Float], keepsRest: Bool) {
            self.rows = rows
            self.columns = columns
            self.keepsRest = keepsRest
            tiles = [UInt16](repeating: 0, count: LowRankFactor.packedCount(rows: rows, columns: columns))
            self.x = [UInt16](repeating: 0x4040, count: x.count / columns * (columns + 1) * (keepsRest ? 2 : 1))
            numbers.withUnsafeBufferPointer { numbers in
                tiles.withUnsafeMutableBufferPointer { tiles in
                    guard let start = tiles.baseAddress else { return }
                    for row in 0..<rows {
                        let numbers = UnsafeBufferPointer(rebasing: numbers[row * columns..<(row + 1) * columns])
                        #expect(LowRankFactor.pack(row: row, numbers, to: start))
                    }
                }
            }
            let (stride, rest) = (stride, keepsRest ? width : 0)
            x.withUnsafeBufferPointer { x in
                self.x.withUnsafeMutableBufferPointer { rounded in
                    guard let x = x.baseAddress, let start = rounded.baseAddress else { return }
                    let target = RoundedRows(start: start, stride: stride, rest: rest)
                    for row in 0..<rounded.count / stride {
                        target.dropFirst(row).round(x + row * columns, count: columns)
                    }
                }
            }
        }

        /// The product with the first `count` rows, added to what is in `sums`, `[count, rows + 2]`.
        mutating func added(to sums: [Float], _ count: Int, level: KernelLevel) -> [Float] {
            let stride = rows + 2
            var sums = sums
            withFactor { factor, x in
                sums.withUnsafeMutableBufferPointer { sums in
                    guard let sums = sums.baseAddress else { return }
                    // In two parts, as workers share tiles.
                    for tiles in [0..<factor.tileCount / 2, factor.tileCount / 2..<factor.tileCount] {
                        factor.multiply(
                            tiles: tiles,
                            source: x,
                            rows: count,
                            addingTo: sums,
                            outputStride: stride,
                            level: level
                        )
                    }
                }
            }
            return sums
        }

        /// The product times `scale` in bfloat16, `[count, 16 tiles + 2]`, where the last two numbers of each row aren't written,
        /// and behind it, if that is wanted, what rounding takes.
        mutating func rounded(scale: Float, _ count: Int, level: KernelLevel) -> [UInt16] {
            let width = LowRankFactor.packedCount(rows: rows, columns: 2) / 2 + 2
            let (stride, rest) = keepsRest ? (2 * width, width) : (width, 0)
            var rounded = [UInt16](repeating: 0x1234, count: count * stride)
            withFactor { factor, x in
                rounded.withUnsafeMutableBufferPointer { rounded in
                    guard let rounded = rounded.baseAddress else { return }
                    factor.multiply(
                        tiles: 0..<factor.tileCount,
                        source: x,
                        rows: count,
                        scale: scale,
                        to: RoundedRows(start: rounded, stride: stride, rest: rest),
                        level: level
                    )
                }
            }
            return rounded
        }

        private mutating func withFactor(_ body: (LowRankFactor, RoundedRows) -> Void) {
            let (rows, columns, stride, rest) = (rows, columns, stride, keepsRest ? width : 0)
            tiles.withUnsafeBufferPointer { tiles in
                x.withUnsafeMutableBufferPointer { x in
                    guard let tiles = tiles.baseAddress, let x = x.baseAddress else { return }
                    body(
                        LowRankFactor(rows: rows, columns: columns, tiles: tiles),
                        RoundedRows(start: x, stride: stride, rest: rest)
                    )
                }
            }
        }
    }

    private static func bfloat16(_ x: Float) -> UInt16 {
        // To nearest, ties to even.
        UInt16((x.bitPattern + 0x7FFF + (x.bitPattern >> 16 & 1)) >> 16)
    }

    private static func float(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

    @Test(arguments: [(1, 1), (8, 32), (16, 100), (40, 7), (130, 16)], [1, 4, 13, 30])
    func productsAreThoseOfPlainLoops(shape: (rows: Int, columns: Int), count: Int) {
        let (rows, columns) = shape
        let numbers = MatrixMultiplyTests.inputs(rows: rows, columns: columns).map { Self.float(Self.bfloat16($0)) }
        let x = MatrixMultiplyTests.inputs(rows: count, columns: columns)
        // Two floats of each row that nothing may be written to.
        let before = (0..<count * (rows + 2)).map { Float($0 % 7) }
        for keepsRest in [false, true] {
            var product = Product(rows: rows, columns: columns, numbers, x, keepsRest: keepsRest)
            let plain = product.added(to: before, count, level: .generic)
            let rounded = product.rounded(scale: 0.75, count, level: .generic)
            let (stride, width) = (rounded.count / count, rounded.count / count / (keepsRest ? 2 : 1))
            for row in 0..<count {
                for feature in 0..<rows + 2 {
                    let place = row * (rows + 2) + feature
                    guard feature < rows else {
                        #expect(plain[place] == before[place])
                        continue
                    }
                    let products = (0..<columns).map { column in
                        let x = x[row * columns + column]
                        return Double(numbers[feature * columns + column])
                            * Double(keepsRest ? x : Self.float(Self.bfloat16(x)))
                    }
                    let (sum, size) = (products.reduce(0, +), products.reduce(1) { $0 + abs($1) })
                    #expect(abs(Double(plain[place]) - sum - Double(before[place])) / size < 2e-5)
                    var found = Double(Self.float(rounded[row * stride + feature]))
                    if keepsRest { found += Double(Self.float(rounded[row * stride + width + feature])) }
                    #expect(abs(found - 0.75 * sum) <= abs(sum) * (keepsRest ? 0x1p-16 : 0x1p-8) + size * 2e-5)
                }
                let own = rounded[row * stride..<(row + 1) * stride]
                #expect(own[(own.startIndex + rows)..<(own.startIndex + width - 2)].allSatisfy { $0 == 0 })
                #expect(own[(own.startIndex + width - 2)..<(own.startIndex + width)] == [0x1234, 0x1234])
            }
            for level in KernelLevel.available {
                let found = product.added(to: before, count, level: level)
                #expect(found.map(\.bitPattern) == plain.map(\.bitPattern), "\(level)")
                #expect(product.rounded(scale: 0.75, count, level: level) == rounded, "\(level)")
            }
            // A row by itself.
            let alone = product.added(to: Array(before[..<(rows + 2)]), 1, level: .chosen)
            #expect(alone.map(\.bitPattern) == plain[..<(rows + 2)].map(\.bitPattern))
            #expect(product.rounded(scale: 0.75, 1, level: .chosen) == Array(rounded[..<stride]))
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
