import OrderedJSON

/// How a response is made, as fields of a chat, and what the response repeats of it.
struct ResponseSettings {
    private(set) var chatFields = JSONObject()
    private(set) var echoed: JSONObject = [
        "parallel_tool_calls": true, "tool_choice": "auto", "tools": [], "text": ["format": ["type": "text"]],
        "reasoning": ["effort": nil, "summary": nil], "truncation": "disabled", "metadata": [:],
    ]

    init(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) {
        try readSampling(&reader, limits)
        try readTools(&reader)
        try readText(&reader)
        try readReasoning(&reader)
        try readReports(&reader, limits)
        if let metadata = try reader.object("metadata", of: .string) {
            let size = JSONValue.object(metadata).serialized.count
            try FieldReader.checkCount(size, "metadata", "text of", atMost: 16 << 10, "bytes")
            echoed["metadata"] = .object(metadata)
        }
        guard try reader.choice("truncation", of: ["auto", "disabled"], default: "disabled") == "disabled" else {
            throw .invalid(field: "truncation", message: "truncation 'auto' is not supported")
        }
        // Of tools that a server runs, and there are none here.
        echoed["max_tool_calls"] = try reader.integer("max_tool_calls", in: 1...Int.max).map { .integer($0) } ?? .null
    }

    private mutating func readSampling(
        _ reader: inout FieldReader,
        _ limits: RequestLimits,
    ) throws(ValidationError) {
        let most = try reader.integer("max_output_tokens", in: 1...Int.max)
        echoed["max_output_tokens"] = most.map { .integer($0) } ?? .null
        chatFields["max_tokens"] = most.map { .integer($0) }
        let temperature = try reader.number("temperature", in: .notNegative, default: 1)
        let topP = try reader.number("top_p", in: .positiveProbability, default: 1)
        for (key, value) in [("temperature", temperature), ("top_p", topP)] {
            let number = JSONValue.number(Double(value))
            echoed[key] = number
            chatFields[key] = number
        }
        // Further fields of chats, which the chat's decoder checks.
        let further: [(String, FieldKind)] = [
            ("top_k", .integer(-1...Int.max)), ("min_p", .number(.probability)),
            ("repetition_penalty", .number(.positive)), ("presence_penalty", .number(.any)),
            ("frequency_penalty", .number(.any)), ("seed", .integer(.min ... .max)),
            ("stop", .either([.string, .list(.string)])), ("chat_template_kwargs", .map(.any)),
        ]
        for (key, kind) in further { chatFields[key] = reader.given(key, kind) }
    }

    private mutating func readTools(_ reader: inout FieldReader) throws(ValidationError) {
        if let tools = try reader.array("tools", of: .map(.any)), !tools.isEmpty {
            var functions: [JSONValue] = []
            for (index, tool) in tools.enumerated() {
                functions.append(try Self.function(tool, field: "tools[\(index)]"))
            }
            chatFields["tools"] = .array(functions)
            echoed["tools"] = .array(tools)
        }
        if let isParallel = try reader.bool("parallel_tool_calls") {
            chatFields["parallel_tool_calls"] = .bool(isParallel)
            echoed["parallel_tool_calls"] = .bool(isParallel)
        }
        guard let choice = reader.given("tool_choice", .either([.string, .map(.any)])) else { return }
        echoed["tool_choice"] = choice
        if choice["name"] != nil, choice["type"] == "function" {
            chatFields["tool_choice"] = Self.functionChoice(choice)
        } else if choice["type"] == "allowed_tools" {
            var allowed = choice.objectValue ?? [:]
            allowed["type"] = nil
            if let tools = choice["tools"]?.arrayValue { allowed["tools"] = .array(tools.map(Self.functionChoice)) }
            chatFields["tool_choice"] = ["type": "allowed_tools", "allowed_tools": .object(allowed)]
        } else if ["none", "auto", "required"].contains(choice) {
            // Without tools all of these but the last mean the same.
            if chatFields["tools"] != nil || choice == "required" { chatFields["tool_choice"] = choice }
        } else {
            let shown = choice.serializedText.excerpt
            throw .outOfRange(
                field: "tool_choice",
                value: shown,
                allowed: "'none', 'auto', 'required' or a function's name"
            )
        }
    }

    /// A function with its members inside, as chats have it.
    private static func function(_ tool: JSONValue, field: String) throws(ValidationError) -> JSONValue {
        guard let tool = tool.objectValue else {
            throw .wrongType(field: field, expected: "an object", found: tool.kindName)
        }
        guard let type = tool["type"] else { throw .missing(field: "\(field).type") }
        guard type == "function" else {
            let name = (type.stringValue ?? type.serializedText).excerpt
            let message = "\(field): tools of type '\(name)' are not supported, only functions are"
            throw .invalid(field: "\(field).type", message: message)
        }
        var function = JSONObject()
        for (key, value) in tool where key != "type" { function[key] = value }
        return ["type": "function", "function": .object(function)]
    }

    /// A function's name where chats have it.
    private static func functionChoice(_ choice: JSONValue) -> JSONValue {
        guard let name = choice["name"] else { return choice }
        return ["type": choice["type"] ?? .null, "function": ["name": name]]
    }

    private mutating func readText(_ reader: inout FieldReader) throws(ValidationError) {
        guard var text = try reader.fields("text") else { return }
        _ = try text.choice("verbosity", of: ["low", "medium", "high"])
        let format = try text.object("format")
        try text.rejectUnread { _ in nil }
        guard let format else { return }
        echoed["text"] = ["format": .object(format)]
        guard let type = format["type"] else { throw .missing(field: "text.format.type") }
        switch type {
        case "text": break
        case "json_schema":
            var schema = JSONObject()
            for (key, value) in format where key != "type" { schema[key] = value }
            chatFields["response_format"] = ["type": "json_schema", "json_schema": .object(schema)]
        default: chatFields["response_format"] = .object(format)
        }
    }

    private mutating func readReasoning(_ reader: inout FieldReader) throws(ValidationError) {
        guard var reasoning = try reader.fields("reasoning") else { return }
        let effort = try reasoning.choice("effort", of: ["none", "minimal", "low", "medium", "high", "xhigh"])
        // Thoughts are given as they are, never summed up.
        _ = try reasoning.choice("summary", of: ["auto", "concise", "detailed"])
        _ = try reasoning.choice("generate_summary", of: ["auto", "concise", "detailed"])
        try reasoning.rejectUnread { _ in nil }
        echoed["reasoning"] = ["effort": effort.map { .string($0) } ?? .null, "summary": nil]
        chatFields["reasoning_effort"] = effort.map { .string($0) }
    }

    private static let included = [
        "message.output_text.logprobs", "reasoning.encrypted_content", "file_search_call.results",
        "web_search_call.results", "web_search_call.action.sources", "message.input_image.image_url",
        "computer_call_output.output.image_url", "code_interpreter_call.outputs",
    ]

    private mutating func readReports(_ reader: inout FieldReader, _ limits: RequestLimits) throws(ValidationError) {
        let count = try reader.integer("top_logprobs", in: -1...limits.logProbabilities, default: 0)
        echoed["top_logprobs"] = .integer(count)
        var wanted = count != 0
        for (index, value) in (try reader.array("include", of: .choice(Self.included)) ?? []).enumerated() {
            guard let name = value.stringValue, Self.included.contains(name) else {
                let allowed = "one of " + Self.included.joined(separator: ", ")
                throw .outOfRange(field: "include[\(index)]", value: value.serializedText.excerpt, allowed: allowed)
            }
            if name == Self.included[0] { wanted = true }
        }
        guard wanted else { return }
        chatFields["logprobs"] = true
        chatFields["top_logprobs"] = .integer(count)
    }
}
