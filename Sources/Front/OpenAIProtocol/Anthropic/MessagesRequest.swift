package import OrderedJSON

/// `POST /v1/messages` of Anthropic, checked: the chat that it is, under the names of its own fields.
public struct MessagesRequest: DescribedRequest, Hashable {
    /// The same request as a chat.
    public var chat: ChatCompletionRequest

    /// The request that a reader's object holds.
    package init(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) {
        var fields = JSONObject()
        let most = try reader.required("max_tokens", .integer(1...Int.max))
        fields["max_tokens"] = .integer(try FieldReader.integer(most, "max_tokens", in: 1...Int.max))
        try Self.readSampling(&reader, limits, into: &fields)
        let stream = try reader.bool("stream", default: false)
        let prompt = try MessagesPrompt(&reader, limits: limits)
        try Self.readOutput(&reader, into: &fields)
        for (key, value) in prompt.fields { fields[key] = value }
        // Accepted without effect: they concern accounts and machines that aren't here.
        for key in Self.inert { _ = reader.value(key) }
        for key in ["mcp_servers", "container", "context_management"] {
            guard let value = reader.given(key), value != [], value != [:] else { continue }
            throw .unsupported(field: key)
        }
        chat = try ChatCompletionRequest(fields, limits: limits)
        chat.stream.isStreamed = stream
    }

    private static let inert = [
        "metadata", "service_tier", "inference_geo", "cache_control", "speed", "diagnostics", "user_profile_id",
        "workspace_id",
    ]

    private static func readSampling(
        _ reader: inout FieldReader,
        _ limits: RequestLimits,
        into fields: inout JSONObject,
    ) throws(ValidationError) {
        if let value = try reader.number("temperature", in: .notNegative) {
            fields["temperature"] = .number(Double(value))
        }
        if let value = try reader.number("top_p", in: .positiveProbability) { fields["top_p"] = .number(Double(value)) }
        if let value = try reader.integer("top_k", in: -1...Int.max) { fields["top_k"] = .integer(value) }
        guard let stops = try reader.array("stop_sequences", of: .string) else { return }
        try FieldReader.checkCount(stops.count, "stop_sequences", "a list of", atMost: limits.stopStrings, "strings")
        for (index, stop) in stops.enumerated() {
            let text = try FieldReader.string(stop, "stop_sequences[\(index)]")
            guard !text.isEmpty else {
                throw .invalid(field: "stop_sequences", message: "stop_sequences must not hold an empty string")
            }
        }
        fields["stop"] = .array(stops)
    }

    /// How much to think, and the schema of the answer.
    private static func readOutput(
        _ reader: inout FieldReader,
        into fields: inout JSONObject,
    ) throws(ValidationError) {
        guard var output = try reader.fields("output_config") else { return }
        if let effort = try output.choice("effort", of: ["low", "medium", "high", "xhigh", "max"]) {
            fields["reasoning_effort"] = .string(effort)
        }
        if let format = try output.object("format") {
            guard format["type"] == "json_schema", let schema = format["schema"] else {
                let message = "output_config.format must be of type 'json_schema' and have a schema"
                throw .invalid(field: "output_config.format", message: message)
            }
            fields["response_format"] = [
                "type": "json_schema", "json_schema": ["name": "output", "schema": schema],
            ]
        }
        try output.rejectUnread { _ in nil }
    }
}

extension MessagesRequest {
    /// A plain one, and one with objects inside.
    package static let examples: [JSONObject] = [
        ["model": "m", "max_tokens": 16, "messages": [["role": "user", "content": "Name a colour."]]],
        [
            "model": "m", "max_tokens": 16, "system": "Be brief.",
            "messages": [["role": "user", "content": [["type": "text", "text": "Name a colour."]]]],
            "stop_sequences": ["\n"], "thinking": ["type": "disabled"], "tool_choice": ["type": "none"],
            "output_config": ["effort": "low"],
        ],
    ]

    /// Fields of OpenAI's.
    package static func hint(_ field: String) -> String? {
        switch field {
        case "stop": "use stop_sequences"
        case "max_completion_tokens", "max_tokens_to_sample": "use max_tokens"
        case "prompt": "use messages"
        case "response_format", "output_format": "use output_config.format"
        default: nil
        }
    }
}

/// `POST /v1/messages/count_tokens` of Anthropic: the prompt of a request that isn't made.
public struct CountTokensRequest: DescribedRequest, Hashable {
    /// The prompt, as a chat.
    public var chat: ChatCompletionRequest

    /// The request that a reader's object holds.
    package init(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) {
        let prompt = try MessagesPrompt(&reader, limits: limits)
        _ = reader.value("cache_control")
        chat = try ChatCompletionRequest(prompt.fields, limits: limits)
    }

    /// A plain one, and one with objects inside.
    package static let examples: [JSONObject] = [
        ["model": "m", "messages": [["role": "user", "content": "Name a colour."]]],
        [
            "model": "m", "system": [["type": "text", "text": "Be brief."]],
            "messages": [["role": "user", "content": "Name a colour."]], "thinking": ["type": "disabled"],
            "tool_choice": ["type": "none"],
        ],
    ]
}
