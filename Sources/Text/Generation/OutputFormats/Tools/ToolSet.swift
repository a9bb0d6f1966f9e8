package import OrderedJSON

/// The functions that may be called, by name, with the types that their arguments may have.
package struct ToolSet: Sendable {
    /// JSON types that a value may have, by their names in JSON Schema; `nil` is any.
    package typealias Types = Set<String>

    /// The functions' names.
    package let names: [String]

    private let parameters: [String: [String: Types?]]

    /// The set of some functions; of equal names the last counts.
    package init(_ definitions: [ToolDefinition]) {
        names = definitions.map(\.name)
        parameters = Dictionary(definitions.map { ($0.name, Self.types(ofProperties: $0.parameters)) }) { $1 }
    }

    /// Whether there is a function of that name.
    package func contains(_ name: String) -> Bool { parameters[name] != nil }

    /// The types that an argument may have; `nil` where nothing is said of it.
    package func types(of argument: String, in function: String) -> Types? {
        parameters[function]?[argument] ?? nil
    }

    private static func types(ofProperties schema: JSONObject) -> [String: Types?] {
        guard let properties = schema["properties"]?.objectValue else { return [:] }
        return Dictionary(properties.map { ($0.key, types(of: $0.value)) }) { $1 }
    }

    /// The types that a schema names, itself or in its alternatives; `nil` where it names none.
    package static func types(of schema: JSONValue, depth: Int = 0) -> Types? {
        guard depth < 8, let schema = schema.objectValue else { return nil }
        switch schema["type"] {
        case .string(let type)?: return [type]
        case .array(let types)?: return Set(types.compactMap(\.stringValue))
        default: break
        }
        if let values = schema["enum"]?.arrayValue ?? schema["const"].map({ [$0] }) {
            return Set(values.map(\.kindName))
        }
        for key in ["anyOf", "oneOf"] {
            guard let alternatives = schema[key]?.arrayValue else { continue }
            var union: Types = []
            for alternative in alternatives {
                guard let types = types(of: alternative, depth: depth + 1) else { return nil }
                union.formUnion(types)
            }
            return union
        }
        return nil
    }
}
