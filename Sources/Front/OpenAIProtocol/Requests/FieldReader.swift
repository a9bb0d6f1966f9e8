import OrderedJSON

/// Reads the fields of a JSON object one by one, with the reference's lax coercions, and knows which were left over.
///
/// `"5"` and `5.0` are integers, integers are numbers, `0`, `1`, `"true"` and `"false"` are booleans; a number is never a
/// string. `null` in a field that needn't be there means that it isn't.
struct FieldReader {
    private let object: JSONObject
    /// Where the object is in the body, such as `stream_options.`.
    private let path: String
    private var read: Set<String> = []

    init(_ object: JSONObject, path: String = "") {
        self.object = object
        self.path = path
    }

    /// The full name of a field, for messages.
    func name(_ key: String) -> String { path + key }

    /// The field as it is; `nil` when it isn't there.
    mutating func value(_ key: String) -> JSONValue? {
        read.insert(key)
        return object[key]
    }

    /// The field unless it is missing or `null`.
    mutating func given(_ key: String) -> JSONValue? {
        let value = value(key)
        return value?.isNull == true ? nil : value
    }

    /// The field, which must be there and not `null`.
    mutating func required(_ key: String) throws(ValidationError) -> JSONValue {
        guard let value = value(key) else { throw .missing(field: name(key)) }
        guard !value.isNull else { throw .wrongType(field: name(key), expected: "given", found: "null") }
        return value
    }

    mutating func string(_ key: String) throws(ValidationError) -> String? {
        guard let value = given(key) else { return nil }
        return try Self.string(value, name(key))
    }

    mutating func requiredString(_ key: String) throws(ValidationError) -> String {
        guard let value = value(key) else { throw .missing(field: name(key)) }
        return try Self.string(value, name(key))
    }

    /// `model`, which every chunk of the answer repeats.
    static func model(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) -> String {
        let model = try reader.requiredString("model")
        try checkCount(model.utf8.count, "model", "a name of", atMost: limits.modelNameBytes, "bytes")
        return model
    }

    mutating func bool(_ key: String) throws(ValidationError) -> Bool? {
        guard let value = given(key) else { return nil }
        return try Self.bool(value, name(key))
    }

    mutating func integer(_ key: String, in range: ClosedRange<Int>) throws(ValidationError) -> Int? {
        guard let value = given(key) else { return nil }
        return try Self.integer(value, name(key), in: range)
    }

    mutating func number(_ key: String, in range: NumberRange) throws(ValidationError) -> Float? {
        guard let value = given(key) else { return nil }
        return try Self.number(value, name(key), in: range)
    }

    mutating func object(_ key: String) throws(ValidationError) -> JSONObject? {
        guard let value = given(key) else { return nil }
        guard let object = value.objectValue else {
            throw .wrongType(field: name(key), expected: "an object", found: value.kindName)
        }
        return object
    }

    mutating func array(_ key: String) throws(ValidationError) -> [JSONValue]? {
        guard let value = given(key) else { return nil }
        guard let array = value.arrayValue else {
            throw .wrongType(field: name(key), expected: "an array", found: value.kindName)
        }
        return array
    }

    /// Token ids; range is checked where the vocabulary is known.
    mutating func tokens(_ key: String) throws(ValidationError) -> [Int]? {
        guard let values = try array(key) else { return nil }
        return try Self.tokens(values, name(key))
    }

    /// Throws for the first field that was never read.
    func rejectUnread(hint: (String) -> String?) throws(ValidationError) {
        if let key = object.keys.first(where: { !read.contains($0) }) {
            throw .unknown(field: name(key), hint: hint(key))
        }
    }
}
