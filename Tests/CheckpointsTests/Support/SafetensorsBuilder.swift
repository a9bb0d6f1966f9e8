import OrderedJSON

/// Builds the bytes of a safetensors file, well-formed unless told to lie.
struct SafetensorsBuilder {
    /// A tensor; what is `nil` is worked out.
    struct Tensor {
        var name: String
        var type = "F32"
        var shape: [Int]
        var data: [UInt8]
        var offsets: [Int]?
    }

    var tensors: [Tensor] = []
    /// Length of the header to state instead of the true one.
    var statedHeaderLength: UInt64?
    /// A header instead of the true one.
    var header: [UInt8]?
    /// Bytes behind the last tensor's.
    var rest: [UInt8] = []

    /// Adds a tensor of single-precision numbers, which count up from `first` unless they are given.
    mutating func add(_ name: String, _ shape: [Int], first: Int = 0, numbers: [Float]? = nil) {
        let numbers = numbers ?? (0..<shape.reduce(1, *)).map { Float(first + $0) }
        tensors.append(Tensor(name: name, shape: shape, data: numbers.flatMap(\.littleEndianBytes)))
    }

    /// The file.
    var bytes: [UInt8] {
        var members: JSONObject = ["__metadata__": ["format": "pt"]]
        var end = 0
        for tensor in tensors {
            let offsets = tensor.offsets ?? [end, end + tensor.data.count]
            end += tensor.data.count
            members[tensor.name] = [
                "dtype": .string(tensor.type), "shape": .array(tensor.shape.map { .integer($0) }),
                "data_offsets": .array(offsets.map { .integer($0) }),
            ]
        }
        let header = header ?? JSONValue.object(members).serialized
        let length = statedHeaderLength ?? UInt64(header.count)
        return length.littleEndianBytes + header + tensors.flatMap(\.data) + rest
    }
}

extension UInt64 {
    /// The eight bytes in the order of files.
    var littleEndianBytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: self >> (8 * $0)) } }
}

extension Float {
    /// The four bytes in the order of files.
    var littleEndianBytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: bitPattern >> (8 * $0)) } }
}
