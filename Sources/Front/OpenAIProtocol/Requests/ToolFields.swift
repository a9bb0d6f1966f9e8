public import OrderedJSON

/// The tools that a chat offers to the model, and how they may be used.
public struct ToolFields: Sendable, Hashable {
    /// A function of the client's.
    public struct Tool: Sendable, Hashable {
        /// Its name: letters, digits, `_`, `-` and `.`, 64 at most.
        public var name: String
        /// What it does.
        public var description: String?
        /// The JSON Schema of its arguments; empty where the client says nothing of them.
        public var parameters: JSONObject
        /// Whether arguments have to obey the schema to the letter.
        public var isStrict: Bool
    }

    /// `tool_choice`.
    public enum Choice: Sendable, Hashable {
        /// No calls.
        case none
        /// What the model decides.
        case auto
        /// At least one call.
        case required
        /// A call of the function with that name.
        case named(String)
    }

    /// `tools`.
    public var tools: [Tool] = []
    /// `tool_choice`; by default `auto` where there are tools.
    public var choice = Choice.none
    /// The names of those that may be called, of a `tool_choice` of the type `allowed_tools`; `nil` is all.
    public var allowed: [String]?
    /// `parallel_tool_calls`: whether an answer may have more than one call.
    public var allowsParallelCalls = true

    /// What a request without any of the fields has.
    public init() {}
}

extension ToolFields {
    init(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) {
        let values = try reader.array("tools", of: .map(.any)) ?? []
        try FieldReader.checkCount(values.count, "tools", "a list of", atMost: limits.tools, "tools")
        var bytes = 0
        for (index, value) in values.enumerated() {
            let tool = try Self.tool(value, "tools[\(index)]")
            bytes += value.serialized.count
            try FieldReader.checkCount(bytes, "tools", "descriptions of", atMost: limits.toolBytes, "bytes")
            guard !tools.contains(where: { $0.name == tool.name }) else {
                let field = "tools[\(index)].function.name"
                throw .invalid(field: field, message: "\(field) is '\(tool.name)', which another tool is named already")
            }
            tools.append(tool)
        }
        let given = reader.given("tool_choice", .either([.string, .map(.any)]))
        if let object = given?.objectValue, object["type"] == "allowed_tools" {
            (choice, allowed) = try Self.allowed(object, tools)
        } else {
            choice = try Self.choice(given, tools)
        }
        allowsParallelCalls = try reader.bool("parallel_tool_calls", default: true)
    }

    private static let longestName = 64

    private static func tool(_ value: JSONValue, _ field: String) throws(ValidationError) -> Tool {
        guard let object = value.objectValue else {
            throw .wrongType(field: field, expected: "an object", found: value.kindName)
        }
        var reader = FieldReader(object, path: field + ".")
        let type = try reader.requiredString("type")
        guard type == "function" else {
            throw .outOfRange(field: reader.name("type"), value: "'\(type)'", allowed: "'function'")
        }
        let function = try reader.required("function")
        guard let members = function.objectValue else {
            throw .wrongType(field: reader.name("function"), expected: "an object", found: function.kindName)
        }
        try reader.rejectUnread { _ in nil }
        var fields = FieldReader(members, path: reader.name("function") + ".")
        let tool = Tool(
            name: try name(fields.requiredString("name"), fields.name("name")),
            description: try fields.string("description"),
            parameters: try fields.object("parameters") ?? [:],
            isStrict: try fields.bool("strict") ?? false,
        )
        try fields.rejectUnread { _ in nil }
        return tool
    }

    private static func name(_ name: String, _ field: String) throws(ValidationError) -> String {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard isPlain, (1...longestName).contains(name.utf8.count) else {
            let allowed = "from 1 to \(longestName) letters, digits, '_', '-' and '.'"
            throw .outOfRange(field: field, value: "'\(name.excerpt)'", allowed: allowed)
        }
        return name
    }

    /// A choice among some of the tools; the model is told of all of them.
    private static func allowed(
        _ choice: JSONObject,
        _ tools: [Tool],
    ) throws(ValidationError) -> (Choice, [String]) {
        var reader = FieldReader(choice, path: "tool_choice.")
        _ = try reader.requiredString("type")
        guard var inner = try reader.fields("allowed_tools") else { throw .missing(field: "tool_choice.allowed_tools") }
        try reader.rejectUnread { _ in nil }
        let mode = try inner.choice("mode", of: ["auto", "required"])
        guard let mode else { throw .missing(field: inner.name("mode")) }
        guard let values = try inner.array("tools"), !values.isEmpty else {
            let message = "\(inner.name("tools")) must be a list of at least one tool"
            throw .invalid(field: inner.name("tools"), message: message)
        }
        try inner.rejectUnread { _ in nil }
        var names: [String] = []
        for (index, value) in values.enumerated() {
            names.append(try toolName(value, inner.name("tools[\(index)]"), tools))
        }
        return (mode == "auto" ? .auto : .required, names)
    }

    /// The name in `{"type": "function", "function": {"name": ...}}`, which must be that of a tool.
    private static func toolName(
        _ value: JSONValue,
        _ field: String,
        _ tools: [Tool],
    ) throws(ValidationError) -> String {
        guard value["type"] == "function" else {
            let found = value["type"]?.serializedText ?? "not given"
            throw .outOfRange(field: "\(field).type", value: found.excerpt, allowed: "'function'")
        }
        guard let name = value["function"]?["name"] else { throw .missing(field: "\(field).function.name") }
        let text = try FieldReader.string(name, "\(field).function.name")
        guard tools.contains(where: { $0.name == text }) else {
            let allowed = "the name of one of the tools"
            throw .outOfRange(field: "\(field).function.name", value: "'\(text.excerpt)'", allowed: allowed)
        }
        return text
    }

    private static func choice(_ value: JSONValue?, _ tools: [Tool]) throws(ValidationError) -> Choice {
        guard let value else { return tools.isEmpty ? .none : .auto }
        if value == "none" { return .none }
        guard !tools.isEmpty else {
            throw .invalid(field: "tool_choice", message: "When using `tool_choice`, `tools` must be set.")
        }
        switch value {
        case "auto": return .auto
        case "required": return .required
        case .string(let text):
            let allowed = "'none', 'auto', 'required' or a function's name in an object"
            throw .outOfRange(field: "tool_choice", value: "'\(text.excerpt)'", allowed: allowed)
        case .object: return .named(try toolName(value, "tool_choice", tools))
        default: throw .wrongType(field: "tool_choice", expected: "a string or an object", found: value.kindName)
        }
    }
}
