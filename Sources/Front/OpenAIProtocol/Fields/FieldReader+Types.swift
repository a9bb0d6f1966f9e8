package import OrderedJSON

/// Fields of one type.
extension FieldReader {
    /// Text.
    package mutating func string(_ key: String) throws(ValidationError) -> String? {
        guard let value = given(key, .string) else { return nil }
        return try Self.string(value, name(key))
    }

    /// Text that must be there.
    package mutating func requiredString(_ key: String) throws(ValidationError) -> String {
        note(key, .string, isRequired: true)
        guard let value = object[key] else { throw .missing(field: name(key)) }
        return try Self.string(value, name(key))
    }

    /// One of some texts.
    package mutating func choice(
        _ key: String,
        of choices: [String],
        default defaultValue: String? = nil,
    ) throws(ValidationError) -> String? {
        guard let value = given(key, .choice(choices), default: defaultValue.map { .string($0) }) else {
            return defaultValue
        }
        let text = try Self.string(value, name(key))
        guard choices.contains(text) else {
            let allowed = "one of " + choices.map { "'\($0)'" }.joined(separator: ", ")
            throw .outOfRange(field: name(key), value: "'\(text.excerpt)'", allowed: allowed)
        }
        return text
    }

    /// `model`, which every chunk of the answer repeats.
    package static func model(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) -> String {
        let model = try reader.requiredString("model")
        try checkCount(model.utf8.count, "model", "a name of", atMost: limits.modelNameBytes, "bytes")
        return model
    }

    /// A boolean.
    package mutating func bool(_ key: String) throws(ValidationError) -> Bool? {
        guard let value = given(key, .boolean) else { return nil }
        return try Self.bool(value, name(key))
    }

    /// A boolean with a default.
    package mutating func bool(_ key: String, default defaultValue: Bool) throws(ValidationError) -> Bool {
        guard let value = given(key, .boolean, default: .bool(defaultValue)) else { return defaultValue }
        return try Self.bool(value, name(key))
    }

    /// An integer in a range.
    package mutating func integer(_ key: String, in range: ClosedRange<Int>) throws(ValidationError) -> Int? {
        guard let value = given(key, .integer(range)) else { return nil }
        return try Self.integer(value, name(key), in: range)
    }

    /// An integer in a range, with a default.
    package mutating func integer(
        _ key: String,
        in range: ClosedRange<Int>,
        default defaultValue: Int,
    ) throws(ValidationError) -> Int {
        guard let value = given(key, .integer(range), default: .integer(defaultValue)) else { return defaultValue }
        return try Self.integer(value, name(key), in: range)
    }

    /// A number in a range.
    package mutating func number(_ key: String, in range: NumberRange) throws(ValidationError) -> Float? {
        guard let value = given(key, .number(range)) else { return nil }
        return try Self.number(value, name(key), in: range)
    }

    /// A number in a range, with a default.
    package mutating func number(
        _ key: String,
        in range: NumberRange,
        default defaultValue: Float,
    ) throws(ValidationError) -> Float {
        let shown = JSONValue.number(Double(defaultValue))
        guard let value = given(key, .number(range), default: shown) else { return defaultValue }
        return try Self.number(value, name(key), in: range)
    }

    /// An object whose members are of one kind.
    package mutating func object(
        _ key: String,
        of kind: FieldKind = .any
    ) throws(ValidationError) -> JSONObject? {
        guard let value = given(key, .map(kind)) else { return nil }
        guard let object = value.objectValue else {
            throw .wrongType(field: name(key), expected: "an object", found: value.kindName)
        }
        return object
    }

    /// A reader of an object with fields of its own; who reads it rejects what it left.
    package mutating func fields(_ key: String) throws(ValidationError) -> FieldReader? {
        guard let value = given(key, .object([])) else { return nil }
        guard let object = value.objectValue else {
            throw .wrongType(field: name(key), expected: "an object", found: value.kindName)
        }
        return FieldReader(object, path: name(key) + ".", record: record?.inside(key))
    }

    /// A list whose elements are of one kind, which is for the caller to check.
    package mutating func array(
        _ key: String,
        of kind: FieldKind = .any
    ) throws(ValidationError) -> [JSONValue]? {
        guard let value = given(key, .list(kind)) else { return nil }
        guard let array = value.arrayValue else {
            throw .wrongType(field: name(key), expected: "an array", found: value.kindName)
        }
        return array
    }

    /// Token ids that must be there.
    package mutating func requiredTokens(_ key: String) throws(ValidationError) -> [Int] {
        let value = try required(key, .list(.token))
        guard let values = value.arrayValue else {
            throw .wrongType(field: name(key), expected: "an array", found: value.kindName)
        }
        return try Self.tokens(values, name(key))
    }

    /// Token ids; range is checked where the vocabulary is known.
    package mutating func tokens(_ key: String) throws(ValidationError) -> [Int]? {
        guard let values = try array(key, of: .token) else { return nil }
        return try Self.tokens(values, name(key))
    }
}
