package import OrderedJSON

/// Reads the fields of a JSON object one by one, with the reference's lax coercions, and knows which were left over.
///
/// `"5"` and `5.0` are integers, integers are numbers, `0`, `1`, `"true"` and `"false"` are booleans; a number is never a
/// string. `null` in a field that needn't be there means that it isn't.
///
/// What is read, with its kind, range and default, is what `/openapi.json` and `docs/api.md` say of a request: a reader
/// that is given a record notes it all there.
package struct FieldReader {
    let object: JSONObject
    /// Where the object is in the body, such as `stream_options.`.
    private let path: String
    private var read: Set<String> = []
    let record: FieldRecord?

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

    /// Takes a field for read, and for the record.
    mutating func note(
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
