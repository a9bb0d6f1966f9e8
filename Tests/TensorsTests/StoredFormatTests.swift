import Foundation
import Tensors
import Testing

/// The formats of quantized safetensors against what they stand for (`Tests/Fixtures/quantization/formats.py`).
@Suite struct StoredFormatTests {
    /// What packing may change a number by.
    enum Change: Sendable {
        case nothing
        /// Half precision, of the number itself.
        case half
        /// Half precision of the zero point's product with the scale: at most 15 / 4096 of a step.
        case minimum
        /// Half a step of at most one in 125 of the largest of 32 columns, and half precision of the step.
        case bytes
    }

    /// The packed form and what it changes, by the fixtures' names.
    static let forms: [(name: String, change: Change)] = [
        ("awq", .minimum), ("gptq-4-symmetric", .nothing), ("gptq-4-asymmetric", .minimum), ("gptq-4-shuffled", .bytes),
        ("gptq-4-swapped-v2", .minimum), ("gptq-8-symmetric", .nothing), ("gptq-8-asymmetric", .half),
        ("gptq-8-shuffled", .bytes), ("packed-4-symmetric", .nothing), ("packed-4-asymmetric", .minimum),
        ("packed-8-symmetric", .nothing), ("packed-8-asymmetric", .half), ("int8-channel", .half),
        ("e4m3-tensor", .nothing), ("e4m3-channel", .nothing), ("e4m3-blocks", .nothing), ("mxfp4", .nothing),
        ("transposed-f32", .nothing),
    ]

    @Test func everyFixtureIsTested() {
        #expect(FormatFixture.all.map(\.name).sorted() == Self.forms.map(\.name).sorted())
    }

    @Test(arguments: FormatFixture.all) func aRowExpandsToWhatItStandsFor(fixture: FormatFixture) throws {
        let matrix = try fixture.matrix()
        for (row, expected) in zip(fixture.checked, fixture.rowValues) {
            #expect(fixture.expand(matrix, row) == expected, "row \(row)")
        }
    }

    @Test(arguments: forms) func aPackedRowIsTheStoredOneButForRoundedScales(form: (name: String, change: Change))
        throws
    {
        let fixture = try #require(FormatFixture.all.first { $0.name == form.name })
        let packed = try PackedMatrix(packing: fixture.matrix(), pool: ThreadPool(threadCount: 2))
        for (row, expected) in zip(fixture.checked, fixture.rowValues) {
            var values = [Float](repeating: .nan, count: fixture.columns)
            packed.unpackRow(row, into: &values)
            for column in 0..<fixture.columns {
                let group = expected[column / 32 * 32..<column / 32 * 32 + 32].map(abs).max() ?? 0
                let allowed: Float =
                    switch form.change {
                    case .nothing: 0
                    case .half: abs(expected[column]) / 2047
                    // Scales are below 0.02.
                    case .minimum: 0.02 * 15 / 4096
                    case .bytes: group / 236
                    }
                #expect(abs(values[column] - expected[column]) <= allowed, "row \(row) column \(column)")
            }
        }
    }

    @Test(arguments: FormatFixture.all) func somePartsOfAMatrixAreTheSameNumbers(fixture: FormatFixture) throws {
        let matrix = try fixture.matrix()
        let rows = fixture.checked.suffix(3).reversed()
        let part = try matrix.selecting(rows: rows).selecting(columns: 64..<fixture.columns).selecting(
            rows: 1..<rows.count
        )
        #expect((part.rows, part.columns) == (rows.count - 1, fixture.columns - 64))
        let packed = try PackedMatrix(packing: part, pool: ThreadPool(threadCount: 1))
        let whole = try PackedMatrix(packing: matrix, pool: ThreadPool(threadCount: 1))
        for (index, row) in rows.dropFirst().enumerated() {
            #expect(fixture.expand(part, index) == Array(fixture.expand(matrix, row)[64...]))
            #expect(fixture.expand(try part.copiedToMemory(), index) == fixture.expand(part, index))
            var (all, some) = (
                [Float](repeating: 0, count: fixture.columns), [Float](repeating: 1, count: part.columns)
            )
            packed.unpackRow(index, into: &some)
            whole.unpackRow(row, into: &all)
            #expect(some == Array(all[64...]))
        }
    }

    @Test(arguments: FormatFixture.all) func aPartThatLacksAByteIsRefused(fixture: FormatFixture) throws {
        for name in fixture.parts.keys {
            #expect(throws: TensorError.self, "\(name)") { try fixture.matrix(shortened: name) }
        }
    }

    @Test func aColumnOfAGroupThatIsntThereIsRefused() throws {
        let fixture = try #require(FormatFixture.all.first { $0.name == "gptq-4-shuffled" })
        for index in [2, -1] as [Int32] {
            let groups = withUnsafeBytes(of: index.littleEndian) { Array($0) } + [UInt8](repeating: 0, count: 127 * 4)
            #expect(throws: TensorError.self) { try fixture.matrix(replacing: "g_idx", with: groups) }
        }
    }

    @Test func scalesThatAreNoNumbersAreRefused() throws {
        let fixture = try #require(FormatFixture.all.first { $0.name == "e4m3-channel" })
        for scale in [Float.infinity, .nan, 1e6] {
            let bytes = (0..<8).flatMap { row in withUnsafeBytes(of: row == 5 ? scale : 0.5) { Array($0) } }
            let matrix = try fixture.matrix(replacing: "scales", with: bytes)
            #expect(throws: TensorError.unusableNumbers(rows: 8, columns: 128, format: .e4m3)) {
                try PackedMatrix(packing: matrix, pool: ThreadPool(threadCount: 1))
            }
        }
    }

    @Test func eightBitFloatsThatAreNoNumbersAreRefused() throws {
        let fixture = try #require(FormatFixture.all.first { $0.name == "e4m3-channel" })
        var codes = try #require(fixture.bytes("weights"))
        codes[700] = 0xFF
        let matrix = try fixture.matrix(replacing: "weights", with: codes)
        #expect(throws: TensorError.unusableNumbers(rows: 8, columns: 128, format: .e4m3)) {
            try PackedMatrix(packing: matrix, pool: ThreadPool(threadCount: 2))
        }
    }

    @Test func columnsAreTakenInWholeBlocks() throws {
        let matrix = try MatrixMultiplyTests.source(.q4_k, rows: 2, columns: 512, seed: 1)
        #expect(try matrix.selecting(columns: 256..<512).columns == 256)
        #expect(throws: TensorError.self) { try matrix.selecting(columns: 32..<512) }
        #expect(throws: TensorError.self) { try matrix.selecting(columns: 256..<768) }
        #expect(throws: TensorError.self) { try matrix.selecting(rows: 1..<3) }
        #expect(throws: TensorError.self) { try matrix.selecting(rows: [0, 2]) }
    }
}
