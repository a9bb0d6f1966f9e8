package import OrderedJSON

/// How calls in a format look to a grammar, which then holds the model to them.
package struct CallGrammar: Sendable {
    /// A part of a section of calls.
    package indirect enum Part: Sendable {
        /// Text; control tokens of the vocabulary in it are such.
        case text(Pattern)
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

    /// A form in which calls are written, one behind the other.
    package struct Section: Sendable {
        /// How the section is told from a text.
        package var sign: Sign
        /// What stands in front of the calls, from the sign on if it isn't part of each call.
        package var opening: Pattern
        /// What stands between calls.
        package var separator: Pattern
        /// What stands behind them.
        package var closing: Pattern
        /// A call of a function.
        package var call: @Sendable (ToolDefinition) -> Part

        /// A form of calls.
        package init(
            _ sign: Sign,
            opening: Pattern = "",
            separator: Pattern = "\n",
            closing: Pattern = "",
            call: @escaping @Sendable (ToolDefinition) -> Part,
        ) {
            self.sign = sign
            self.opening = opening
            self.separator = separator
            self.closing = closing
            self.call = call
        }

        /// Whether the section counts at an answer's beginning alone.
        package var isAtStart: Bool { if case .head(_, isAtStart: true) = sign { true } else { false } }
    }

    /// How a section of calls is told from a text.
    package enum Sign: Sendable {
        /// By what it begins with, and no other text contains: once the model wrote it, calls have to follow.
        case marker(String)
        /// By how its first call begins where that is one of a function: once all of it is there, calls follow.
        case head(Pattern, isAtStart: Bool)
        /// Not at all: it is what is written where there must be a call.
        case none
    }

    /// The forms of calls; the first is that of calls that have to be.
    package var sections: [Section]
    /// What stands in front of an answer that has no call, one of them; none where nothing does.
    package var answerHeads: [String] = []
    /// A text that may be said in front of an answer: what stands in front of it, one of them, and behind it.
    package var preamble: (heads: [String], end: String)?
    /// What may stand in front of all where there must be a call; one of them, perhaps the empty text.
    package var prefixes: [String] = []
    /// Whether an answer ends with its first call.
    package var hasOneCall = false

    /// A grammar of sections.
    package init(_ sections: [Section]) { self.sections = sections }

    /// A grammar of calls behind a marker.
    package init(marker: String, call: @escaping @Sendable (ToolDefinition) -> Part) {
        self.init([Section(.marker(marker), call: call)])
    }

    /// A grammar of calls behind a marker that are fixed text around their arguments as JSON.
    package init(
        marker: String,
        opening: Pattern = "",
        separator: Pattern = "\n",
        closing: Pattern = "",
        before: Pattern,
        after: Pattern,
    ) {
        self.init([
            Section(.marker(marker), opening: opening, separator: separator, closing: closing) { tool in
                .sequence([.text(before), .json(tool.schema), .text(after)])
            }
        ])
    }

    /// Whether the format's own calls begin with a marker: what looks like a call without one may be an answer.
    package var isMarked: Bool { if case .marker? = sections.first?.sign { true } else { false } }

    /// The sections that are told from a text; from one that obeys something itself, where that may look like a call.
    package func sections(besideGrammar: Bool) -> [Section] {
        sections.filter {
            switch $0.sign {
            case .marker: true
            case .head: !besideGrammar || !isMarked
            case .none: false
            }
        }
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
