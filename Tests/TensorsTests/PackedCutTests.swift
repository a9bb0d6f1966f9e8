import Foundation
import Tensors
import Testing

/// Some rows and columns of a packed matrix, as engine files hold it, are what is packed of the same rows and columns.
@Suite struct PackedCutTests {
    private static let (rows, columns) = (88, 1024)

    /// A matrix of numbers that any bytes are, but for scales that aren't finite.
    private func matrix(_ type: DataType) throws -> StoredMatrix {
        let count = try #require(type.byteCount(elements: Self.rows * Self.columns))
        let memory = try AlignedMemory(byteCount: count)
        for index in 0..<count { memory.bytes[index] = UInt8(truncatingIfNeeded: index * 37 / 5 & 59) }
        let bytes = UnsafeRawBufferPointer(rebasing: memory.bytes[..<count])
        return try StoredMatrix(dataType: type, rows: Self.rows, columns: Self.columns, bytes: bytes, owner: memory)
    }

    private func bytes(_ matrix: PackedMatrix) -> [UInt8] { Array(matrix.content.bytes) }

    @Test(
        arguments: [DataType.q4_k, .q6_k, .q8_0, .q4_1, .f32, .bf16],
        [(0..<88, 0..<1024), (16..<48, 0..<1024), (32..<88, 256..<768), (0..<20, 768..<1024), (80..<88, 0..<256)]
    )
    func aCutOfAPackedMatrixIsThePackedCut(type: DataType, part: (rows: Range<Int>, columns: Range<Int>)) throws {
        let pool = try ThreadPool(threadCount: 2)
        let stored = try matrix(type)
        let whole = try PackedMatrix(packing: stored, pool: pool)
        let packed = try StoredMatrix(
            packed: whole.layout,
            rows: Self.rows,
            columns: Self.columns,
            weights: whole.content
        )
        let expected = try PackedMatrix(
            packing: stored.selecting(rows: part.rows).selecting(columns: part.columns),
            pool: pool
        )
        let found = try PackedMatrix(
            packing: packed.selecting(rows: part.rows).selecting(columns: part.columns),
            pool: pool
        )
        var (wanted, got) = (
            [Float](repeating: 0, count: part.columns.count), [Float](repeating: 1, count: part.columns.count)
        )
        for row in part.rows.indices.map({ $0 - part.rows.lowerBound }) {
            expected.unpackRow(row, into: &wanted)
            found.unpackRow(row, into: &got)
            #expect(got == wanted, "row \(row)")
        }
        if part.rows.count % 16 == 0 { #expect(bytes(found) == bytes(expected)) }
    }

    @Test func aPackedMatrixCannotBeCutInsideOfATile() throws {
        let pool = try ThreadPool(threadCount: 1)
        let whole = try PackedMatrix(packing: matrix(.q8_0), pool: pool)
        let packed = try StoredMatrix(
            packed: whole.layout,
            rows: Self.rows,
            columns: Self.columns,
            weights: whole.content
        )
        let error = #expect(throws: TensorError.self) {
            try PackedMatrix(packing: packed.selecting(rows: 8..<40), pool: pool)
        }
        #expect(error.map { "\($0)" }?.contains("can be cut only at every 16th row") == true)
    }

    @Test(arguments: [(DataType.q4_k, 256), (.q6_k, 256), (.q8_0, 32)])
    func columnsOfAPackedMatrixAreCutWhereTheyShareScales(type: DataType, grain: Int) throws {
        let whole = try PackedMatrix(packing: matrix(type), pool: ThreadPool(threadCount: 1))
        let packed = try StoredMatrix(
            packed: whole.layout,
            rows: Self.rows,
            columns: Self.columns,
            weights: whole.content
        )
        #expect(throws: Never.self) { try packed.selecting(columns: grain..<2 * grain) }
        #expect(throws: TensorError.self) { try packed.selecting(columns: grain / 2..<grain) }
    }
}
