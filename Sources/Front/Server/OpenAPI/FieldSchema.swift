package import OpenAIProtocol
package import OrderedJSON

/// The JSON Schema (2020-12) of what fields may hold.
extension FieldKind {
    /// The schema of one value.
    package var schema: JSONValue {
        switch self {
        case .any: [:]
        case .string: ["type": "string"]
        case .boolean: ["type": "boolean"]
        case .integer(let range): Self.integer(range)
        case .number(let range):
            [
                "type": "number", (range.excludesMinimum ? "exclusiveMinimum" : "minimum"): .number(range.minimum),
                "maximum": .number(range.maximum),
            ]
        case .choice(let texts): ["type": "string", "enum": .array(texts.map { .string($0) })]
        case .list(let kind): ["type": "array", "items": kind.schema]
        case .object(let fields): fields.schema
        case .map(let kind): ["type": "object", "additionalProperties": kind.schema]
        case .either(let kinds): ["anyOf": .array(kinds.map(\.schema))]
        }
    }

    private static func integer(_ range: ClosedRange<Int>) -> JSONValue {
        var schema: JSONObject = ["type": "integer"]
        if range.lowerBound != .min { schema["minimum"] = .integer(range.lowerBound) }
        if range.upperBound != .max { schema["maximum"] = .integer(range.upperBound) }
        return .object(schema)
    }
}

extension FieldDescription {
    /// The schema of the field: `null` stands for nothing where the field needn't be there.
    package var schema: JSONValue {
        var schema = kind.schema
        if !isRequired, schema != [:] { schema = ["anyOf": [schema, ["type": "null"]]] }
        guard let defaultValue, var members = schema.objectValue else { return schema }
        members["default"] = defaultValue
        return .object(members)
    }
}

extension [FieldDescription] {
    /// The schema of an object with these fields and no others.
    package var schema: JSONValue {
        var schema: JSONObject = [
            "type": "object", "properties": .object(JSONObject(map { ($0.name, $0.schema) })),
            "additionalProperties": false,
        ]
        let required = filter(\.isRequired)
        if !required.isEmpty { schema["required"] = .array(required.map { .string($0.name) }) }
        return .object(schema)
    }
}
