import Foundation
import Tensors
import Testing

/// A matrix of `formats.json`.
struct FormatFixture: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let rows: Int
    let columns: Int
    /// The rows that `values` has.
    let checked: [Int]
    let parts: [String: String]
    let values: String

    var testDescription: String { name }

    static let all: [FormatFixture] = {
        let file = URL(filePath: #filePath).appending(path: "../../Fixtures/quantization/formats.json").standardized
        return (try? JSONDecoder().decode([FormatFixture].self, from: Data(contentsOf: file))) ?? []
    }()

    /// What the checked rows stand for.
    var rowValues: [[Float]] {
        let bytes = TestBytes(hexadecimal: values)
        return withExtendedLifetime(bytes) {
            let floats = bytes.buffer.bindMemory(to: Float.self)
            return checked.indices.map { Array(floats[$0 * columns..<($0 + 1) * columns]) }
        }
    }

    func bytes(_ part: String) -> [UInt8]? {
        guard let text = parts[part] else { return nil }
        let bytes = TestBytes(hexadecimal: text)
        return withExtendedLifetime(bytes) { Array(bytes.buffer) }
    }

    /// A row as floats.
    func expand(_ matrix: StoredMatrix, _ row: Int) -> [Float] {
        var values = [Float](repeating: .nan, count: matrix.columns)
        matrix.dequantizeRow(row, into: &values)
        return values
    }

    /// The matrix that the parts make, one of them changed.
    func matrix(
        shortened: String? = nil,
        replacing replaced: String? = nil,
        with other: [UInt8] = [],
    ) throws -> StoredMatrix {
        func part(_ name: String) -> StoredPart? {
            guard var bytes = bytes(name) else { return nil }
            if name == shortened { bytes.removeLast() }
            if name == replaced { bytes = other }
            let stored = TestBytes(bytes)
            return StoredPart(bytes: stored.buffer, owner: stored)
        }
        let none = StoredPart(bytes: UnsafeRawBufferPointer(start: nil, count: 0), owner: nil)
        let (weights, scales) = (part("weights") ?? part("qweight") ?? none, part("scales") ?? none)
        let kind = name.split(separator: "-").map(String.init)
        switch kind[0] {
        case "awq":
            return try StoredMatrix(
                awq: weights,
                zeros: part("qzeros") ?? none,
                scales: scales,
                rows: rows,
                columns: columns,
                groupSize: 64
            )
        case "gptq":
            return try StoredMatrix(
                gptq: weights,
                zeros: part("qzeros"),
                scales: scales,
                groupIndex: part("g_idx"),
                rows: rows,
                columns: columns,
                bits: kind[1] == "4" ? 4 : 8,
                groupSize: 64,
                zerosLackOne: kind.last != "v2"
            )
        case "packed":
            return try StoredMatrix(
                packed: weights,
                zeros: part("zeros"),
                scales: StoredScales(scales, type: .bf16, columnsPerScale: 64),
                rows: rows,
                columns: columns,
                bits: kind[1] == "4" ? 4 : 8
            )
        case "int8":
            return try StoredMatrix(
                int8: weights,
                scales: StoredScales(scales, type: .f32),
                rows: rows,
                columns: columns
            )
        case "e4m3":
            let block = ["tensor": (Int.max, Int.max), "channel": (1, .max), "blocks": (128, 128)][kind[1]] ?? (1, 1)
            let grid = StoredScales(scales, type: .f32, rowsPerScale: block.0, columnsPerScale: block.1)
            return try StoredMatrix(e4m3: weights, scales: grid, rows: rows, columns: columns)
        case "mxfp4": return try StoredMatrix(mxfp4: weights, scales: scales, rows: rows, columns: columns)
        default: return try StoredMatrix(transposed: .f32, rows: rows, columns: columns, weights: weights)
        }
    }
}
