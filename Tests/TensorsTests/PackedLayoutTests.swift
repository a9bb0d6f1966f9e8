import Tensors
import Testing

/// Matrices that are packed already, as engine files have them.
@Suite struct PackedLayoutTests {
    private static let rows = 37
    private static let columns = 768

    private func packed(_ type: DataType, rounding: MatrixRounding? = nil) throws -> PackedMatrix {
        let source = try MatrixMultiplyTests.source(type, rows: Self.rows, columns: Self.columns, seed: 7)
        return try PackedMatrix(packing: source, rounding: rounding, pool: ThreadPool(threadCount: 2))
    }

    private func check(_ packed: PackedMatrix) throws {
        let stored = try StoredMatrix(
            packed: packed.layout,
            rows: packed.rows,
            columns: packed.columns,
            weights: packed.content
        )
        for threads in [1, 2] {
            let loaded = try PackedMatrix(packing: stored, pool: ThreadPool(threadCount: threads))
            #expect(loaded.layout == packed.layout && loaded.byteCount == packed.byteCount)
            #expect(loaded.content.bytes.elementsEqual(packed.content.bytes))
        }
        guard stored.format.packsExactly else { return }
        var direct = [Float](repeating: .nan, count: packed.columns)
        var expanded = direct
        packed.unpackRow(Self.rows - 1, into: &direct)
        stored.dequantizeRow(Self.rows - 1, into: &expanded)
        #expect(expanded.map(\.bitPattern) == direct.map(\.bitPattern))
    }

    @Test(arguments: DataType.allCases) func aPackedMatrixIsReadAsItWasWritten(type: DataType) throws {
        try check(try packed(type))
    }

    @Test func everyLayoutIsReadAsItWasWritten() throws {
        var layouts = Set(try DataType.allCases.map { try packed($0).layout })
        let floats = try packed(.f32, rounding: .float8)
        try check(floats)
        layouts.insert(floats.layout)
        #expect(layouts == Set(PackedLayout.allCases))
    }

    @Test(arguments: PackedLayout.allCases) func sizesThatCannotBeAreRefused(layout: PackedLayout) throws {
        #expect(layout.byteCount(rows: 16, columns: 31) == nil)
        #expect(layout.byteCount(rows: 0, columns: 32) == nil)
        #expect(layout.byteCount(rows: .max, columns: 1 << 40) == nil)
        #expect(layout.byteCount(rows: 1, columns: .max / 32 * 32) == nil)
        let bytes = try #require(layout.byteCount(rows: 16, columns: 32))
        #expect(layout.byteCount(rows: 17, columns: 32) == 2 * bytes)
        let memory = TestBytes([UInt8](repeating: 0, count: bytes - 1))
        #expect(throws: TensorError.self) {
            try StoredMatrix(
                packed: layout,
                rows: 16,
                columns: 32,
                weights: StoredPart(bytes: memory.buffer, owner: memory)
            )
        }
    }
}
