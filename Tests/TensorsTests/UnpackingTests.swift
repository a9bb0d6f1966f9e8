import Tensors
import Testing

/// Rows that come back out of a packed matrix.
@Suite struct UnpackingTests {
    private static let exact = DataType.allCases.filter { ![.q2_k, .q3_k, .iq4_xs, .mxfp4].contains($0) }

    @Test(arguments: exact) func aRowComesBackWithTheBitsOfTheStoredOne(type: DataType) throws {
        #expect(StoredFormat.blocks(type).packsExactly)
        // A last tile that isn't full, and more than one block of the K-quants.
        let (rows, columns) = (37, 768)
        let source = try MatrixMultiplyTests.source(type, rows: rows, columns: columns, seed: 5)
        let packed = try PackedMatrix(packing: source, pool: ThreadPool(threadCount: 2))
        for row in 0..<rows {
            var stored = [Float](repeating: .nan, count: columns)
            var unpacked = stored
            source.dequantizeRow(row, into: &stored)
            packed.unpackRow(row, into: &unpacked)
            #expect(unpacked.map(\.bitPattern) == stored.map(\.bitPattern), "row \(row)")
        }
    }

    @Test(arguments: [DataType.q2_k, .q3_k, .iq4_xs, .mxfp4]) func typesWhoseScalesAreRoundedSaySo(type: DataType) {
        #expect(!StoredFormat.blocks(type).packsExactly)
    }

    @Test func aCopyIsTheSameMatrixInOtherMemory() throws {
        let source = try MatrixMultiplyTests.source(.q3_k, rows: 5, columns: 512, seed: 6)
        let copy = try source.copiedToMemory()
        #expect(copy.weights.bytes.baseAddress != source.weights.bytes.baseAddress)
        #expect(copy.weights.bytes.elementsEqual(source.weights.bytes))
        #expect((copy.rows, copy.columns, copy.dataType) == (5, 512, .q3_k))
    }
}
