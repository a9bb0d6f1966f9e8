/// An array in a file's metadata, left in place until its elements are asked for.
public struct GGUFArray: Sendable {
    /// The type of every element.
    public let elementType: GGUFValueType
    /// Number of elements.
    public let count: Int
    /// The elements one after the other, or the strings.
    private let storage: Storage

    private enum Storage: Sendable {
        case fixed(MappedBytes)
        case strings(GGUFStrings)
    }

    /// An array of values of one size; `bytes` holds exactly `count` of them.
    init(elementType: GGUFValueType, count: Int, bytes: MappedBytes) {
        self.elementType = elementType
        self.count = count
        storage = .fixed(bytes)
    }

    /// An array of strings.
    init(strings: GGUFStrings) {
        elementType = .string
        count = strings.count
        storage = .strings(strings)
    }

    /// The strings; `nil` if the elements are something else.
    public var strings: GGUFStrings? {
        guard case .strings(let strings) = storage else { return nil }
        return strings
    }

    /// The elements as integers; `nil` if they are something else or one doesn't fit.
    public var integers: [Int]? {
        switch elementType {
        case .uint8: numbers(UInt8.self)
        case .int8: numbers(Int8.self)
        case .uint16: numbers(UInt16.self)
        case .int16: numbers(Int16.self)
        case .uint32: numbers(UInt32.self)
        case .int32: numbers(Int32.self)
        case .uint64: numbers(UInt64.self)
        case .int64: numbers(Int64.self)
        case .float32, .float64, .bool, .string, .array: nil
        }
    }

    /// The elements as bytes; `nil` if they aren't 8-bit integers.
    public var bytes: [UInt8]? {
        guard elementType == .uint8 || elementType == .int8, case .fixed(let bytes) = storage else { return nil }
        return bytes.array
    }

    /// The elements as single-precision floats; `nil` if they are something else.
    public var floats: [Float]? {
        guard case .fixed(let bytes) = storage else { return nil }
        return bytes.withUnsafeBytes { raw in
            switch elementType {
            case .float32:
                (0..<count).map {
                    Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
                }
            case .float64:
                (0..<count).map {
                    let bits = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self))
                    return Float(Double(bitPattern: bits))
                }
            default: nil
            }
        }
    }

    /// The elements as truth values; `nil` if they are something else.
    public var bools: [Bool]? {
        guard elementType == .bool, case .fixed(let bytes) = storage else { return nil }
        return bytes.withUnsafeBytes { $0.map { $0 != 0 } }
    }

    private func numbers<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type) -> [Int]? {
        guard case .fixed(let bytes) = storage else { return nil }
        return bytes.withUnsafeBytes { raw in
            var numbers: [Int] = []
            numbers.reserveCapacity(count)
            for index in 0..<count {
                let stored = raw.loadUnaligned(fromByteOffset: index * MemoryLayout<Number>.size, as: Number.self)
                guard let number = Int(exactly: Number(littleEndian: stored)) else { return nil }
                numbers.append(number)
            }
            return numbers
        }
    }
}
