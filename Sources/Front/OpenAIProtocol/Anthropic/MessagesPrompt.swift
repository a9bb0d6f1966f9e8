import OrderedJSON

/// What of Anthropic's request makes the prompt, as fields of a chat: the system text, the messages, the tools, thinking.
struct MessagesPrompt {
    /// `model`, `messages`, and where there are some `tools`, `tool_choice`, `chat_template_kwargs` and the like.
    private(set) var fields = JSONObject()

    init(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) {
        fields["model"] = .string(try FieldReader.model(&reader, limits: limits))
        var messages: [JSONValue] = []
        if let system = reader.given("system", .either([.string, .list(.map(.any))])) {
            let text = try MessageBlocks.text(system, field: "system")
            if !text.isEmpty { messages.append(["role": "system", "content": .string(text)]) }
        }
        messages += try Self.messages(try reader.required("messages", .list(.map(.any))))
        fields["messages"] = .array(messages)
        if messages.last?["role"] == "assistant" {
            // The client begins the answer.
            fields["add_generation_prompt"] = false
            fields["continue_final_message"] = true
        }
        try readTools(&reader)
        try readThinking(&reader)
    }

    private static func messages(_ value: JSONValue) throws(ValidationError) -> [JSONValue] {
        guard let values = value.arrayValue else {
            throw .wrongType(field: "messages", expected: "a list of messages", found: value.kindName)
        }
        guard !values.isEmpty else {
            throw .invalid(field: "messages", message: "messages must contain at least 1 message")
        }
        var messages: [JSONValue] = []
        for (index, value) in values.enumerated() {
            messages += try MessageBlocks.chatMessages(value, field: "messages[\(index)]")
        }
        return messages
    }

    private mutating func readTools(_ reader: inout FieldReader) throws(ValidationError) {
        if let tools = try reader.array("tools", of: .map(.any)), !tools.isEmpty {
            var functions: [JSONValue] = []
            for (index, tool) in tools.enumerated() {
                functions.append(try Self.function(tool, field: "tools[\(index)]"))
            }
            fields["tools"] = .array(functions)
        }
        guard var choice = try reader.fields("tool_choice") else { return }
        let name = try choice.string("name")
        switch try choice.choice("type", of: ["auto", "any", "tool", "none"]) {
        case "any": fields["tool_choice"] = "required"
        case "none": fields["tool_choice"] = "none"
        case "tool":
            guard let name else { throw .missing(field: "tool_choice.name") }
            fields["tool_choice"] = ["type": "function", "function": ["name": .string(name)]]
        case "auto": fields["tool_choice"] = fields["tools"] == nil ? nil : "auto"
        default: throw .missing(field: "tool_choice.type")
        }
        if try choice.bool("disable_parallel_tool_use", default: false) { fields["parallel_tool_calls"] = false }
        try choice.rejectUnread { _ in nil }
    }

    /// A tool of the client's own as a function.
    private static func function(_ tool: JSONValue, field: String) throws(ValidationError) -> JSONValue {
        guard let tool = tool.objectValue else {
            throw .wrongType(field: field, expected: "an object", found: tool.kindName)
        }
        if let type = tool["type"], !type.isNull, type != "custom" {
            let name = (type.stringValue ?? type.serializedText).excerpt
            throw .invalid(field: "\(field).type", message: "\(field): tools of type '\(name)' are not supported")
        }
        guard let name = tool["name"] else { throw .missing(field: "\(field).name") }
        var function: JSONObject = ["name": .string(try FieldReader.string(name, "\(field).name"))]
        function["description"] = tool["description"]
        function["parameters"] = tool["input_schema"]
        function["strict"] = tool["strict"]
        return ["type": "function", "function": .object(function)]
    }

    private mutating func readThinking(_ reader: inout FieldReader) throws(ValidationError) {
        guard var thinking = try reader.fields("thinking") else { return }
        let type = try thinking.choice("type", of: ["enabled", "adaptive", "disabled"])
        let budget = try thinking.integer("budget_tokens", in: 1...Int.max)
        _ = try thinking.string("display")
        try thinking.rejectUnread { _ in nil }
        guard let type else { throw .missing(field: "thinking.type") }
        fields["chat_template_kwargs"] = ["enable_thinking": .bool(type != "disabled")]
        if type == "enabled", let budget { fields["thinking_token_budget"] = .integer(budget) }
    }
}
