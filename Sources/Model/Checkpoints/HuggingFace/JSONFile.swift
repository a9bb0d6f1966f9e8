internal import OrderedJSON

/// A JSON object in a small file, or one inside it, read with checked types and limits.
struct JSONFile {
    /// The file, for messages.
    let file: String
    /// The names of the objects that this one is in, each with a dot behind.
    let prefix: String
    /// The members.
    let members: JSONObject

    /// Most bytes of a configuration file.
    static let sizeLimit = 16 << 20
    /// Bounds on the values in a configuration file: a tree of a few hundred megabytes at most.
    private static let limits = JSONLimits(depth: 32, values: 1 << 21, containers: 1 << 19)

    /// Members that are known already.
    init(file: String, prefix: String = "", members: JSONObject) {
        self.file = file
        self.prefix = prefix
        self.members = members
    }

    /// Reads a file; `nil` if there is none.
    ///
    /// Of a member that is there twice the last counts, as in Python, unless that isn't allowed.
    ///
    /// - Throws: `CheckpointError` if it can't be read, is too large, or isn't a JSON object.
    init?(path: String, allowsDuplicates: Bool = true, sizeLimit: Int = Self.sizeLimit) throws(CheckpointError) {
        guard let bytes = try SmallFile.readIfThere(path, limit: sizeLimit) else { return nil }
        var limits = Self.limits
        limits.allowsDuplicates = allowsDuplicates
        self.init(file: path, members: try Self.object(bytes, file: path, field: "content", limits: limits))
    }

    /// The object that a text of a file is.
    ///
    /// - Throws: `CheckpointError.malformed` if it isn't one.
    static func object(
        _ bytes: [UInt8],
        file: String,
        field: String,
        limits: JSONLimits,
    ) throws(CheckpointError) -> JSONObject {
        let value: JSONValue
        do {
            value = try JSONParser.parse(bytes, limits: limits)
        } catch {
            throw .malformed(file: file, field: field, value: "\(bytes.count) bytes", reason: "not JSON: \(error)")
        }
        guard case .object(let members) = value else {
            throw .malformed(
                file: file,
                field: field,
                value: "of type \(value.kindName)",
                reason: "an object is needed"
            )
        }
        return members
    }
}

extension JSONFile {
    /// A member's value; `nil` if it isn't there or null.
    subscript(_ key: String) -> JSONValue? {
        guard let value = members[key], !value.isNull else { return nil }
        return value
    }

    /// The object of a key; `nil` if it isn't there or null.
    ///
    /// - Throws: `CheckpointError.wrongType` for something else.
    func object(_ key: String) throws(CheckpointError) -> JSONFile? {
        guard let value = self[key] else { return nil }
        guard case .object(let members) = value else { throw wrongType(key, "an object", value) }
        return JSONFile(file: file, prefix: prefix + key + ".", members: members)
    }

    /// A whole number; 2.0 is one too.
    ///
    /// - Throws: `CheckpointError.wrongType` for something else, `.outOfRange` if it is outside `range`.
    func integer(_ key: String, in range: ClosedRange<Int>) throws(CheckpointError) -> Int? {
        guard let value = self[key] else { return nil }
        let limit = "from \(range.lowerBound) to \(range.upperBound)"
        switch value {
        case .integer(let number) where range.contains(number): return number
        case .integer(let number): throw outOfRange(key, "\(number)", limit)
        case .number(let number):
            guard let whole = Int(exactly: number) else { throw wrongType(key, "an integer", value) }
            guard range.contains(whole) else { throw outOfRange(key, "\(whole)", limit) }
            return whole
        default: throw wrongType(key, "an integer", value)
        }
    }

    /// A number.
    ///
    /// - Throws: `CheckpointError.wrongType` for something else.
    func number(_ key: String) throws(CheckpointError) -> Double? {
        guard let value = self[key] else { return nil }
        guard let number = value.doubleValue else { throw wrongType(key, "a number", value) }
        return number
    }

    /// A number above 0.
    ///
    /// - Throws: `CheckpointError.wrongType` for something else, `.outOfRange` for a number that isn't or is huge.
    func positive(_ key: String) throws(CheckpointError) -> Double? {
        guard let value = try number(key) else { return nil }
        guard value > 0, value <= 1e12 else { throw outOfRange(key, "\(value)", "more than 0 and at most 1e12") }
        return value
    }

    /// A truth value.
    ///
    /// - Throws: `CheckpointError.wrongType` for something else.
    func bool(_ key: String) throws(CheckpointError) -> Bool? {
        guard let value = self[key] else { return nil }
        guard let flag = value.boolValue else { throw wrongType(key, "a truth value", value) }
        return flag
    }

    /// A string.
    ///
    /// - Throws: `CheckpointError.wrongType` for something else.
    func string(_ key: String) throws(CheckpointError) -> String? {
        guard let value = self[key] else { return nil }
        guard let text = value.stringValue else { throw wrongType(key, "a string", value) }
        return text
    }

    /// A list of numbers.
    ///
    /// - Throws: `CheckpointError.wrongType` for something else.
    func numbers(_ key: String) throws(CheckpointError) -> [Double]? {
        try list(key, "a list of numbers") { $0.doubleValue }
    }

    /// A list of strings.
    ///
    /// - Throws: `CheckpointError.wrongType` for something else.
    func strings(_ key: String) throws(CheckpointError) -> [String]? {
        try list(key, "a list of strings") { $0.stringValue }
    }

    private func list<Element>(
        _ key: String,
        _ expected: String,
        _ element: (JSONValue) -> Element?,
    ) throws(CheckpointError) -> [Element]? {
        guard let value = self[key] else { return nil }
        guard let values = value.arrayValue else { throw wrongType(key, expected, value) }
        let elements = values.compactMap(element)
        guard elements.count == values.count else { throw wrongType(key, expected, value) }
        return elements
    }

    /// The error for a key that has to be there.
    func missing(_ key: String) -> CheckpointError { .missingKey(file: file, key: prefix + key) }

    /// The error for a value that can't be used.
    func outOfRange(_ key: String, _ value: String, _ limit: String) -> CheckpointError {
        .outOfRange(file: file, key: prefix + key, value: value, limit: limit)
    }

    /// The error for a value of another type.
    func wrongType(_ key: String, _ expected: String, _ value: JSONValue) -> CheckpointError {
        .wrongType(file: file, key: prefix + key, expected: expected, found: "a value of type \(value.kindName)")
    }
}
