package import OrderedJSON

/// Reads the fields of a JSON object one by one, with the reference's lax coercions, and knows which were left over.
///
/// `"5"` and `5.0` are integers, integers are numbers, `0`, `1`, `"true"` and `"false"` are booleans; a number is never a
/// string. `null` in a field that needn't be there means that it isn't.
///
/// What is read, with its kind, range and default, is what `/openapi.json` and `docs/api.md` say of a request: a reader
/// that is given a record notes it all there.
package struct FieldReader {
    private let object: JSONObject
    /// Where the object is in the body, such as `stream_options.`.
    private let path: String
    private var read: Set<String> = []
    private let record: FieldRecord?

    /// A reader of an object that lies at a path of the body.
    package init(_ object: JSONObject, path: String = "") {
        self.init(object, path: path, record: nil)
    }

    init(_ object: JSONObject, path: String, record: FieldRecord?) {
        self.object = object
        self.path = path
        self.record = record
    }

    /// The full name of a field, for messages.
    package func name(_ key: String) -> String { path + key }

    /// The field as it is; `nil` when it isn't there.
    package mutating func value(_ key: String, _ kind: FieldKind = .any) -> JSONValue? {
        note(key, kind)
        return object[key]
    }

    /// The field unless it is missing or `null`; what it may hold is for the caller to check.
    package mutating func given(
        _ key: String,
        _ kind: FieldKind = .any,
        default defaultValue: JSONValue? = nil,
    ) -> JSONValue? {
        note(key, kind, defaultValue: defaultValue)
        let value = object[key]
        return value?.isNull == true ? nil : value
    }

    /// The field, which must be there and not `null`; what it may hold is for the caller to check.
    package mutating func required(_ key: String, _ kind: FieldKind = .any) throws(ValidationError) -> JSONValue {
        note(key, kind, isRequired: true)
        guard let value = object[key] else { throw .missing(field: name(key)) }
        guard !value.isNull else { throw .wrongType(field: name(key), expected: "given", found: "null") }
        return value
    }

    /// Throws for the first field that was never read.
    package func rejectUnread(hint: (String) -> String?) throws(ValidationError) {
        if let key = object.keys.first(where: { !read.contains($0) }) {
            throw .unknown(field: name(key), hint: hint(key))
        }
    }

    private mutating func note(
        _ key: String,
        _ kind: FieldKind,
        isRequired: Bool = false,
        defaultValue: JSONValue? = nil,
    ) {
        read.insert(key)
        guard let record else { return }
        record.note(
            FieldDescription(name: key, kind: kind, isRequired: isRequired, defaultValue: defaultValue)
        )
    }
}

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
