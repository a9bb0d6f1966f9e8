public import Tensors

/// A tensor as an engine file has it: everything but the numbers.
struct EngineTensor: Sendable, Hashable {
    /// By llama.cpp's names.
    var name: String
    /// Dimensions, outermost first; of three, the first counts matrices.
    var shape: [Int]
    /// Packed, or rows in the blocks of a GGUF type.
    var format: StoredFormat
    /// Where its bytes start, from the first of the weights.
    var offset = 0
    /// Bytes of each of its matrices.
    var matrixBytes: Int

    /// A tensor of some shape.
    ///
    /// - Returns: `nil` if the shape can't be or is too large.
    init?(name: String, shape: [Int], format: StoredFormat) {
        guard (1...3).contains(shape.count), shape.allSatisfy({ $0 > 0 }), let columns = shape.last else { return nil }
        let rows = shape.count > 1 ? shape[shape.count - 2] : 1
        let bytes: Int?
        switch format {
        case .packed(let layout): bytes = layout.byteCount(rows: rows, columns: columns)
        case .blocks(let type):
            bytes = type.byteCount(elements: columns).flatMap { row in
                let (product, overflow) = row.multipliedReportingOverflow(by: rows)
                return overflow ? nil : product
            }
        default: bytes = nil
        }
        guard let bytes, !bytes.multipliedReportingOverflow(by: shape.count == 3 ? shape[0] : 1).overflow else {
            return nil
        }
        (self.name, self.shape, self.format, matrixBytes) = (name, shape, format, bytes)
    }

    /// How many matrices it is.
    var matrixCount: Int { shape.count == 3 ? shape[0] : 1 }
    /// All its bytes.
    var byteCount: Int { matrixBytes * matrixCount }
    /// How many sums are about it.
    var sumCount: Int { EngineFormat.pieces(matrixBytes) * matrixCount }

    /// The name of a format in headers.
    static func name(_ format: StoredFormat) -> String {
        switch format {
        case .packed(let layout): layout.rawValue
        default: format.name
        }
    }

    /// The format of a name; packed ones are in small letters.
    static func format(_ name: String) -> StoredFormat? {
        PackedLayout(rawValue: name).map { .packed($0) }
            ?? DataType.allCases.first { $0.name == name }.map { .blocks($0) }
    }
}

/// A tensor that an engine file is written from.
public struct EngineTensorContent: Sendable {
    let tensor: EngineTensor
    /// The bytes of each of its matrices.
    let matrices: [StoredPart]

    /// A matrix, a vector (one row) or several matrices alike.
    ///
    /// - Parameters:
    ///   - shape: Dimensions, outermost first; of three, the first counts matrices.
    ///   - matrices: The bytes of each.
    /// - Returns: `nil` if the bytes don't match the shape.
    public init?(_ name: String, shape: [Int], format: StoredFormat, matrices: [StoredPart]) {
        guard let tensor = EngineTensor(name: name, shape: shape, format: format),
            matrices.count == tensor.matrixCount, matrices.allSatisfy({ $0.count == tensor.matrixBytes })
        else { return nil }
        self.tensor = tensor
        self.matrices = matrices
    }
}
