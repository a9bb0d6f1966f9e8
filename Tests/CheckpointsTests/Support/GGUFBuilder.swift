import Tensors

/// Builds the bytes of a GGUF file, well-formed unless told to lie.
struct GGUFBuilder {
    /// A metadata value as it is stored.
    indirect enum Value {
        case uint8(UInt8)
        case int8(Int8)
        case uint16(UInt16)
        case int16(Int16)
        case uint32(UInt32)
        case int32(Int32)
        case float32(Float)
        case bool(UInt8)
        case string(String)
        case bytes([UInt8])
        case uint64(UInt64)
        case int64(Int64)
        case float64(Double)
        /// Element type, elements, and a count to state instead of the true one.
        case array(UInt32, [Value], count: UInt64? = nil)
        /// A type id with whatever bytes.
        case raw(UInt32, [UInt8])

        var typeID: UInt32 {
            switch self {
            case .uint8: 0
            case .int8: 1
            case .uint16: 2
            case .int16: 3
            case .uint32: 4
            case .int32: 5
            case .float32: 6
            case .bool: 7
            case .string, .bytes: 8
            case .array: 9
            case .uint64: 10
            case .int64: 11
            case .float64: 12
            case .raw(let id, _): id
            }
        }
    }

    /// A tensor; what is `nil` is worked out.
    struct Tensor {
        var name: String
        /// As in the file, innermost first.
        var dimensions: [UInt64]
        var typeID: UInt32 = DataType.f32.rawValue
        var offset: UInt64?
        var data: [UInt8] = []
    }

    var magic = Array("GGUF".utf8)
    var version: UInt32 = 3
    var metadata: [(key: [UInt8], value: Value)] = []
    var tensors: [Tensor] = []
    var alignment = 32
    /// Counts to state instead of the true ones.
    var statedTensorCount: UInt64?
    var statedMetadataCount: UInt64?

    /// Adds or replaces a key.
    subscript(key: String) -> Value? {
        get { metadata.first { $0.key == Array(key.utf8) }?.value }
        set {
            let key = Array(key.utf8)
            let place = metadata.firstIndex { $0.key == key }
            switch (place, newValue) {
            case (let place?, let value?): metadata[place].value = value
            case (let place?, nil): metadata.remove(at: place)
            case (nil, let value?): metadata.append((key, value))
            case (nil, nil): break
            }
        }
    }

    /// Adds a tensor of zeros, or of the data given, of a shape with the outermost dimension first.
    mutating func add(_ name: String, _ shape: [Int], type: DataType = .f32, data: [UInt8]? = nil) {
        let size = type.byteCount(elements: shape.reduce(1, *)) ?? 0
        tensors.append(
            Tensor(
                name: name,
                dimensions: shape.reversed().map(UInt64.init),
                typeID: type.rawValue,
                data: data ?? Array(repeating: 0, count: size)
            )
        )
    }

    /// The file, which ends with the last byte of the last tensor.
    var bytes: [UInt8] {
        var out = magic
        out.append(number: version)
        out.append(number: statedTensorCount ?? UInt64(tensors.count))
        out.append(number: statedMetadataCount ?? UInt64(metadata.count))
        for (key, value) in metadata {
            out.append(text: key)
            out.append(number: value.typeID)
            out.append(value: value)
        }
        var end = 0
        var offsets: [Int] = []
        for tensor in tensors {
            let offset = (end + alignment - 1) / alignment * alignment
            offsets.append(offset)
            end = offset + tensor.data.count
            out.append(text: Array(tensor.name.utf8))
            out.append(number: UInt32(tensor.dimensions.count))
            for dimension in tensor.dimensions { out.append(number: dimension) }
            out.append(number: tensor.typeID)
            out.append(number: tensor.offset ?? UInt64(offset))
        }
        guard !tensors.isEmpty else { return out }
        let start = (out.count + alignment - 1) / alignment * alignment
        for (tensor, offset) in zip(tensors, offsets) {
            out.append(contentsOf: Array(repeating: 0xEE, count: start + offset - out.count))
            out.append(contentsOf: tensor.data)
        }
        return out
    }
}

extension [UInt8] {
    fileprivate mutating func append(number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }

    fileprivate mutating func append(text: [UInt8]) {
        append(number: UInt64(text.count))
        append(contentsOf: text)
    }

    fileprivate mutating func append(value: GGUFBuilder.Value) {
        switch value {
        case .uint8(let number): append(number: number)
        case .int8(let number): append(number: number)
        case .uint16(let number): append(number: number)
        case .int16(let number): append(number: number)
        case .uint32(let number): append(number: number)
        case .int32(let number): append(number: number)
        case .uint64(let number): append(number: number)
        case .int64(let number): append(number: number)
        case .float32(let number): append(number: number.bitPattern)
        case .float64(let number): append(number: number.bitPattern)
        case .bool(let byte): append(byte)
        case .string(let text): append(text: Array(text.utf8))
        case .bytes(let text): append(text: text)
        case .raw(_, let bytes): append(contentsOf: bytes)
        case .array(let type, let elements, let count):
            append(number: type)
            append(number: count ?? UInt64(elements.count))
            for element in elements { append(value: element) }
        }
    }
}
