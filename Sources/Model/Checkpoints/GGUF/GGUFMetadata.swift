/// A file's metadata: keys with typed values, in the file's order.
public struct GGUFMetadata: Sendable {
    /// The file it was read from, for messages.
    public let file: String
    /// The keys in the file's order, each once.
    public private(set) var keys: [String] = []
    private var values: [String: GGUFValue] = [:]

    /// Metadata without any key yet.
    init(file: String) { self.file = file }

    /// A key's value.
    public subscript(key: String) -> GGUFValue? { values[key] }

    /// Adds a key; `false` if it is there already.
    mutating func add(_ value: GGUFValue, for key: String) -> Bool {
        guard values.updateValue(value, forKey: key) == nil else { return false }
        keys.append(key)
        return true
    }

    /// A key's string; `nil` if the key is missing.
    ///
    /// - Throws: `CheckpointError.wrongType` if it isn't a string, `.malformed` if it isn't UTF-8.
    public func string(_ key: String) throws(CheckpointError) -> String? {
        guard let value = values[key] else { return nil }
        guard case .string(let bytes) = value else { throw wrongType(key, "a string", value) }
        guard let text = bytes.text else {
            throw .malformed(file: file, field: key, value: "\(bytes.count) bytes", reason: "not UTF-8")
        }
        return text
    }

    /// A key's integer of whatever width; `nil` if the key is missing.
    ///
    /// - Throws: `CheckpointError.wrongType` if it isn't an integer, `.outOfRange` if it is outside `range`.
    public func integer(_ key: String, in range: ClosedRange<Int>) throws(CheckpointError) -> Int? {
        let number: Int?
        let text: String
        switch values[key] {
        case nil: return nil
        case .unsigned(let value): (number, text) = (Int(exactly: value), "\(value)")
        case .signed(let value): (number, text) = (Int(exactly: value), "\(value)")
        case .some(let value): throw wrongType(key, "an integer", value)
        }
        guard let number, range.contains(number) else {
            let limit = "from \(range.lowerBound) to \(range.upperBound)"
            throw .outOfRange(file: file, key: key, value: text, limit: limit)
        }
        return number
    }

    /// A key's number, integers included; `nil` if the key is missing.
    ///
    /// - Throws: `CheckpointError.wrongType` if it isn't a number.
    public func number(_ key: String) throws(CheckpointError) -> Double? {
        switch values[key] {
        case nil: return nil
        case .float(let value): return value
        case .unsigned(let value): return Double(value)
        case .signed(let value): return Double(value)
        case .some(let value): throw wrongType(key, "a number", value)
        }
    }

    /// A key's truth value; `nil` if the key is missing.
    ///
    /// - Throws: `CheckpointError.wrongType` if it is something else.
    public func bool(_ key: String) throws(CheckpointError) -> Bool? {
        guard let value = values[key] else { return nil }
        guard case .bool(let truth) = value else { throw wrongType(key, "a truth value", value) }
        return truth
    }

    /// A key's array of strings; `nil` if the key is missing.
    ///
    /// - Throws: `CheckpointError.wrongType` if it is something else.
    public func strings(_ key: String) throws(CheckpointError) -> GGUFStrings? {
        try array(key, "an array of strings") { $0.strings }
    }

    /// A key's array of floats; `nil` if the key is missing.
    ///
    /// - Throws: `CheckpointError.wrongType` if it is something else.
    public func floats(_ key: String) throws(CheckpointError) -> [Float]? {
        try array(key, "an array of floats") { $0.floats }
    }

    /// A key's array of integers; `nil` if the key is missing.
    ///
    /// - Throws: `CheckpointError.wrongType` if it is something else.
    public func integers(_ key: String) throws(CheckpointError) -> [Int]? {
        try array(key, "an array of integers") { $0.integers }
    }

    /// A key's array of 8-bit integers; `nil` if the key is missing.
    ///
    /// - Throws: `CheckpointError.wrongType` if it is something else.
    public func bytes(_ key: String) throws(CheckpointError) -> [UInt8]? {
        try array(key, "an array of bytes") { $0.bytes }
    }

    private func array<Elements>(
        _ key: String,
        _ expected: String,
        _ elements: (GGUFArray) -> Elements?,
    ) throws(CheckpointError) -> Elements? {
        guard let value = values[key] else { return nil }
        guard case .array(let array) = value, let found = elements(array) else {
            throw wrongType(key, expected, value)
        }
        return found
    }

    private func wrongType(_ key: String, _ expected: String, _ value: GGUFValue) -> CheckpointError {
        .wrongType(file: file, key: key, expected: expected, found: value.kind)
    }
}
