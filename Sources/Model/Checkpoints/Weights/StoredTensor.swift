public import Tensors

/// A tensor as a file of the checkpoint has it: everything but the numbers.
public struct StoredTensor: Sendable {
    /// The name in the file.
    public let name: String
    /// Dimensions, outermost first.
    public let shape: [Int]
    /// How the numbers are stored; `nil` if the type isn't known, or matrices are made by `content`.
    public let dataType: DataType?
    /// The type's name, as in "Q4_K" or "I64".
    public let typeName: String
    /// Size of its data; `nil` if the type isn't known.
    public let byteCount: Int?
    /// The file that holds its data.
    let file: MappedFile
    /// Where its data starts, in bytes from the start of the file.
    let offset: Int
    /// What makes its matrices, if its numbers were quantized by a program with formats of its own, or are packed.
    var content: (any TensorContent)? = nil
}

extension StoredTensor {
    /// A tensor of a GGUF file.
    init(_ tensor: GGUFTensor, file: MappedFile) {
        self.init(
            name: tensor.name,
            shape: tensor.shape,
            dataType: tensor.dataType,
            typeName: tensor.typeName,
            byteCount: tensor.byteCount,
            file: file,
            offset: tensor.offset
        )
    }

    /// Some of its numbers, as a matrix `[rows, columns]`; `nil` if they aren't inside its data or not in whole blocks.
    ///
    /// - Parameters:
    ///   - start: The first number, counted from the tensor's first.
    ///   - isTransposed: Whether columns are stored one after the other instead of rows.
    /// - Throws: `CheckpointError.unsupportedTensorType`, or `.malformed` if the shape can't be.
    func matrix(
        from start: Int = 0,
        rows: Int,
        columns: Int,
        isTransposed: Bool = false,
    ) throws(CheckpointError) -> StoredMatrix {
        guard let type = dataType, let size = byteCount else { throw unsupported }
        let (elements, overflow) = rows.multipliedReportingOverflow(by: columns)
        guard !overflow, let first = type.byteCount(elements: start), let count = type.byteCount(elements: elements),
            count <= size, first <= size - count, let bytes = file.slice(offset + first..<offset + first + count)
        else { throw malformed("\(rows) x \(columns) numbers from \(start) on aren't whole blocks of it") }
        let part = StoredPart(bytes: bytes, owner: file, file: file, offset: offset + first)
        do {
            return isTransposed
                ? try StoredMatrix(transposed: type, rows: rows, columns: columns, weights: part)
                : try StoredMatrix(type, rows: rows, columns: columns, weights: part)
        } catch {
            throw malformed("\(error)")
        }
    }

    /// The error for a tensor that can't be used.
    func malformed(_ reason: String) -> CheckpointError {
        .malformed(file: file.path, field: "tensor '\(name)'", value: "\(typeName) \(shape)", reason: reason)
    }

    private var unsupported: CheckpointError {
        let supported = DataType.allCases.map(\.name)
        return .unsupportedTensorType(file: file.path, tensor: name, type: typeName, supported: supported)
    }
}
