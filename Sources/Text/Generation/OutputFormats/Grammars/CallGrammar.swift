package import OrderedJSON

/// How calls in a format look to a grammar, which then holds the model to them.
package struct CallGrammar: Sendable {
    /// A part of a section of calls.
    package indirect enum Part: Sendable {
        /// Fixed text; control tokens of the vocabulary in it are such.
        case text(String)
        /// JSON that obeys a schema.
        case json(JSONValue)
        /// Any text that doesn't contain a marker, and the marker.
        case textThrough(String)
        /// Parts one behind the other.
        case sequence([Part])
        /// One of several parts.
        case choice([Part])
        /// Arguments in any order.
        case members(Members)
        /// Any number of equal parts.
        case list(Part, open: String, String, close: String)
    }

    /// Arguments in any order, those that are required among them.
    package struct Members: Sendable {
        /// An argument: what stands in front of its value, and the value with what ends it.
        package var named: [(opener: String, value: Part, isRequired: Bool)]
        /// What stands around the arguments and between them; the last two aren't empty.
        package var open: String
        package var separator: String
        package var close: String
    }

    /// What a section begins with, and no other text contains: once the model wrote it, calls have to follow.
    ///
    /// `nil` where a section looks like any text.
    package var trigger: String?
    /// How sections look that need no trigger, but begin an answer.
    package var bare: [Bare] = []
    /// What stands in front of an answer that has no call, one of them; none where nothing does.
    package var answerHeads: [String] = []
    /// A text that may be said in front of an answer: what stands in front of it, one of them, and behind it.
    package var preamble: (heads: [String], end: String)?
    /// What stands in front of the calls of a section, from the trigger on if it isn't part of each call.
    package var opening = ""
    /// What stands behind them.
    package var closing = ""
    /// What may stand in front of all where there must be a call; one of them, perhaps the empty text.
    package var prefixes: [String] = []
    /// What stands between calls.
    package var separator = "\n"
    /// Whether an answer ends with its first call.
    package var hasOneCall = false
    /// A call of a function.
    package var call: @Sendable (ToolDefinition) -> Part

    /// A section that is told from a text by how its first call begins.
    package struct Bare: Sendable {
        /// What the section begins with where its first call is one of a function: once it is there, calls follow.
        package var beginning: @Sendable (_ name: String) -> String
        /// The section, which has the same calls and separators.
        package var opening: String
        package var closing: String
    }

    /// A grammar.
    package init(trigger: String?, call: @escaping @Sendable (ToolDefinition) -> Part) {
        self.trigger = trigger
        self.call = call
    }

    /// Calls that are fixed text around their arguments as JSON.
    package init(
        trigger: String?,
        opening: String = "",
        separator: String = "\n",
        closing: String = "",
        before: @escaping @Sendable (_ name: String) -> String,
        after: String,
    ) {
        self.init(trigger: trigger) { tool in
            .sequence([.text(before(tool.name)), .json(tool.schema), .text(after)])
        }
        self.opening = opening
        self.separator = separator
        self.closing = closing
    }
}

extension ToolDefinition {
    /// The schema of its arguments; any object where nothing is said of them.
    package var schema: JSONValue {
        if parameters.isEmpty { return ["type": "object"] }
        var schema = parameters
        // Arguments are an object, whatever else is said of them.
        if schema["type"] == nil { schema["type"] = "object" }
        if listsAllArguments { schema["additionalProperties"] = false }
        return .object(schema)
    }

    /// Whether the arguments are those of `properties`: nothing else in the schema speaks of others, which no function
    /// takes then.
    private var listsAllArguments: Bool {
        guard let properties = parameters["properties"]?.objectValue else { return false }
        let speakOfOthers = [
            "additionalProperties", "unevaluatedProperties", "patternProperties", "propertyNames", "minProperties",
            "allOf", "anyOf", "oneOf", "not", "if", "dependentSchemas", "dependentRequired", "dependencies", "$ref",
            "$dynamicRef",
        ]
        guard speakOfOthers.allSatisfy({ parameters[$0] == nil }) else { return false }
        return (parameters["required"]?.arrayValue ?? []).compactMap(\.stringValue).allSatisfy {
            properties[$0] != nil
        }
    }

    /// Its arguments one by one: the name, the schema, whether it is required; for formats that write them apart.
    package var argumentSchemas: [(name: String, schema: JSONValue, isRequired: Bool)] {
        let required = Set((parameters["required"]?.arrayValue ?? []).compactMap(\.stringValue))
        return (parameters["properties"]?.objectValue ?? [:]).map { name, schema in
            (name, withDefinitions(schema), required.contains(name))
        }
    }

    /// A part of the schema that can still be read alone: with what its references name.
    private func withDefinitions(_ schema: JSONValue) -> JSONValue {
        guard case .object(var members) = schema else { return schema }
        for key in ["$defs", "definitions"] where members[key] == nil { members[key] = parameters[key] }
        return .object(members)
    }
}

extension JSONValue {
    /// The values that a schema counts out.
    package var countedValues: [JSONValue]? { self["enum"]?.arrayValue ?? self["const"].map { [$0] } }
}
