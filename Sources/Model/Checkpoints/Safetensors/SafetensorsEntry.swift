internal import OrderedJSON
internal import Tensors

/// One tensor in the header of a safetensors file: `{"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}`.
struct SafetensorsEntry {
    let file: MappedFile
    let name: String
    /// Where the file's data starts.
    let dataStart: Int

    /// Bytes of a number by the type's name; types of less than a byte aren't here.
    private static let sizes = [
        "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2,
        "I32": 4, "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8, "C64": 8,
    ]
    private static let types: [String: DataType] = ["F32": .f32, "F16": .f16, "BF16": .bf16]
    /// Most bytes of a name; published ones have about a hundred at most.
    static let longestName = 256
    /// Most dimensions, by far.
    private static let mostDimensions = 8

    /// The tensor.
    ///
    /// - Throws: `CheckpointError` if the entry is malformed or its data isn't in the file.
    func tensor(_ value: JSONValue) throws(CheckpointError) -> StoredTensor {
        guard let type = value["dtype"]?.stringValue else { throw malformed("dtype", "missing", "a string is needed") }
        let (shape, elements) = try shape(value["shape"])
        let data = try data(value["data_offsets"])
        if let size = Self.sizes[type] {
            let (bytes, overflow) = elements.multipliedReportingOverflow(by: size)
            guard !overflow, bytes == data.count else {
                throw malformed("data_offsets", "\(data.count) bytes", "shape \(shape) of \(type) needs another number")
            }
        }
        return StoredTensor(
            name: name,
            shape: shape,
            dataType: Self.types[type],
            typeName: String(type.prefix(16)),
            byteCount: data.count,
            file: file,
            offset: data.lowerBound
        )
    }

    private func shape(_ value: JSONValue?) throws(CheckpointError) -> (shape: [Int], elements: Int) {
        guard let list = value?.arrayValue, list.count <= Self.mostDimensions else {
            throw malformed("shape", "missing", "a list of at most \(Self.mostDimensions) dimensions is needed")
        }
        var shape: [Int] = []
        var elements = 1
        for dimension in list {
            guard let length = dimension.integerValue, length >= 0 else {
                throw malformed("shape", "malformed", "dimensions are integers of at least 0")
            }
            let (product, overflow) = elements.multipliedReportingOverflow(by: length)
            guard !overflow else { throw malformed("shape", "\(shape + [length])...", "that is too large") }
            elements = product
            shape.append(length)
        }
        return (shape, elements)
    }

    private func data(_ value: JSONValue?) throws(CheckpointError) -> Range<Int> {
        guard let list = value?.arrayValue, list.count == 2, let first = list[0].integerValue,
            let last = list[1].integerValue, first >= 0, last >= first
        else { throw malformed("data_offsets", "malformed", "two integers in order are needed") }
        let has = file.count - dataStart
        guard last <= has else {
            throw .truncated(file: file.path, field: "data of tensor '\(name)'", needs: last, has: has)
        }
        return dataStart + first..<dataStart + last
    }

    private func malformed(_ field: String, _ value: String, _ reason: String) -> CheckpointError {
        .malformed(file: file.path, field: "\(field) of tensor '\(name)'", value: value, reason: reason)
    }
}
