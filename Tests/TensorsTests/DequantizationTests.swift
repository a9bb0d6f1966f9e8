import Foundation
import Tensors
import Testing

/// Stored blocks against the values that the `gguf` package expands them to (`Tests/Fixtures/quantization/make.py`).
@Suite struct DequantizationTests {
    struct Fixture: Decodable, Sendable {
        let type: UInt32
        let bytes: String
        let values: [UInt32]
    }

    static let fixtures: [Fixture] = {
        let file = URL(filePath: #filePath).appending(path: "../../Fixtures/quantization/blocks.json").standardized
        return (try? JSONDecoder().decode([Fixture].self, from: Data(contentsOf: file))) ?? []
    }()

    @Test func everyTypeHasAFixture() {
        #expect(Set(Self.fixtures.map(\.type)) == Set(DataType.allCases.map(\.rawValue)).subtracting([0]))
    }

    @Test(arguments: fixtures)
    func expandsAsTheReferenceDoes(fixture: Fixture) throws {
        let type = try #require(DataType(rawValue: fixture.type))
        let stored = TestBytes(hexadecimal: fixture.bytes)
        let source = try StoredMatrix(
            dataType: type,
            rows: 1,
            columns: fixture.values.count,
            bytes: stored.buffer,
            owner: stored
        )
        var expanded = [Float](repeating: .nan, count: fixture.values.count)
        source.dequantizeRow(0, into: &expanded)
        for (index, bits) in fixture.values.enumerated() {
            let reference = Float(bitPattern: bits)
            // The reference may round scale times minimum in another order: one part in two million of the terms.
            #expect(abs(expanded[index] - reference) <= 5e-7 * max(abs(reference), 1), "\(type.name) element \(index)")
        }
    }

    @Test func byteCountsAreWholeBlocksWithoutOverflow() {
        #expect(DataType.q4_k.byteCount(elements: 512) == 288)
        #expect(DataType.q4_k.byteCount(elements: 255) == nil)
        #expect(DataType.f32.byteCount(elements: .max) == nil)
        #expect(DataType.f32.byteCount(elements: -1) == nil)
    }

    @Test func aSourceMustMatchItsBytes() throws {
        let stored = TestBytes([UInt8](repeating: 0, count: 36))
        #expect(throws: TensorError.self) {
            try StoredMatrix(dataType: .q4_0, rows: 1, columns: 32, bytes: stored.buffer, owner: stored)
        }
        #expect(throws: TensorError.self) {
            try StoredMatrix(dataType: .q4_0, rows: 0, columns: 32, bytes: stored.buffer, owner: stored)
        }
        #expect(throws: TensorError.self) {
            try StoredMatrix(dataType: .q4_0, rows: .max, columns: .max - 31, bytes: stored.buffer, owner: stored)
        }
        _ = try StoredMatrix(dataType: .q4_0, rows: 2, columns: 32, bytes: stored.buffer, owner: stored)
    }
}
