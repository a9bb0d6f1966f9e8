internal import OrderedJSON

/// The keywords of JSON Schema by what is made of them.
package enum SchemaKeywords {
    /// Keywords that every draft has and that are kept.
    package static let all: Set<String> = [
        "$ref", "$dynamicRef", "$recursiveRef", "type", "enum", "const", "allOf", "anyOf", "oneOf", "not", "if",
        "then", "else", "properties", "patternProperties", "additionalProperties", "propertyNames", "required",
        "minProperties", "maxProperties", "dependencies", "dependentRequired", "dependentSchemas", "items",
        "prefixItems", "additionalItems", "contains", "minContains", "maxContains", "minItems", "maxItems",
        "uniqueItems", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
        "maxLength", "pattern", "format", "unevaluatedProperties", "unevaluatedItems",
    ]

    /// Keywords by which other schemas apply to the same value, or elements are evaluated one by one.
    static let evaluating: Set<String> = [
        "$ref", "$dynamicRef", "$recursiveRef", "allOf", "anyOf", "oneOf", "not", "if", "dependencies",
        "dependentSchemas", "contains",
    ]

    /// Whether any keyword of a schema says anything about values.
    static func constrains(_ schema: JSONObject) -> Bool { schema.keys.contains { all.contains($0) } }
}
