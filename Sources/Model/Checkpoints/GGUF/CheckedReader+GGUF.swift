extension CheckedReader {
    /// Longest key that the format allows, in bytes.
    private static var longestKey: Int { 65_535 }

    /// Takes `count` keys with their values.
    mutating func metadata(count: Int) throws(CheckpointError) -> GGUFMetadata {
        var metadata = GGUFMetadata(file: file.path)
        for index in 0..<count {
            let key = try text("key \(index) of the metadata", limit: Self.longestKey)
            let value = try value(try valueType("type of '\(key)'"), "value of '\(key)'")
            guard metadata.add(value, for: key) else {
                throw .malformed(file: file.path, field: "metadata key", value: "'\(key)'", reason: "it is there twice")
            }
        }
        return metadata
    }

    /// Takes a string that must be UTF-8.
    mutating func text(_ field: @autoclosure () -> String, limit: Int) throws(CheckpointError) -> String {
        let range = try string(field(), limit: limit)
        guard let text = MappedBytes(file: file, range: range)?.text else {
            throw .malformed(file: file.path, field: field(), value: "\(range.count) bytes", reason: "not UTF-8")
        }
        return text
    }

    private mutating func valueType(_ field: @autoclosure () -> String) throws(CheckpointError) -> GGUFValueType {
        let raw = try integer(UInt32.self, field())
        guard let type = GGUFValueType(rawValue: raw) else {
            throw .malformed(file: file.path, field: field(), value: "\(raw)", reason: "the format has types 0 to 12")
        }
        return type
    }

    private mutating func value(_ type: GGUFValueType, _ field: String) throws(CheckpointError) -> GGUFValue {
        switch type {
        case .uint8: .unsigned(UInt64(try integer(UInt8.self, field)))
        case .uint16: .unsigned(UInt64(try integer(UInt16.self, field)))
        case .uint32: .unsigned(UInt64(try integer(UInt32.self, field)))
        case .uint64: .unsigned(try integer(UInt64.self, field))
        case .int8: .signed(Int64(try integer(Int8.self, field)))
        case .int16: .signed(Int64(try integer(Int16.self, field)))
        case .int32: .signed(Int64(try integer(Int32.self, field)))
        case .int64: .signed(try integer(Int64.self, field))
        case .float32: .float(Double(Float(bitPattern: try integer(UInt32.self, field))))
        case .float64: .float(Double(bitPattern: try integer(UInt64.self, field)))
        case .bool: .bool(try bool(field))
        case .string: .string(try mapped(try string(field), field))
        case .array: .array(try array(field))
        }
    }

    private mutating func bool(_ field: String) throws(CheckpointError) -> Bool {
        let byte = try integer(UInt8.self, field)
        guard byte <= 1 else {
            throw .malformed(file: file.path, field: field, value: "\(byte)", reason: "a truth value is 0 or 1")
        }
        return byte == 1
    }

    private mutating func array(_ field: String) throws(CheckpointError) -> GGUFArray {
        let type = try valueType("element type of the \(field)")
        guard type != .array else {
            throw .unsupported(file: file.path, reason: "the \(field) is an array of arrays, which is not supported")
        }
        guard let size = type.byteCount else {
            let count = try count("element count of the \(field)", itemSize: 8)
            return GGUFArray(strings: try GGUFStrings(count: count, reader: &self, field: field))
        }
        let count = try count("element count of the \(field)", itemSize: size)
        let start = offset
        let raw = try bytes(count * size, field)
        if type == .bool, let wrong = raw.first(where: { $0 > 1 }) {
            throw .malformed(file: file.path, field: field, value: "\(wrong)", reason: "a truth value is 0 or 1")
        }
        return GGUFArray(elementType: type, count: count, bytes: try mapped(start..<offset, field))
    }

    private func mapped(_ range: Range<Int>, _ field: String) throws(CheckpointError) -> MappedBytes {
        guard let bytes = MappedBytes(file: file, range: range) else {
            throw .truncated(file: file.path, field: field, needs: range.count, has: remaining)
        }
        return bytes
    }
}
