public import OrderedJSON

/// `POST /v1/responses` of OpenAI, checked: a chat whose messages are items, which may go on from an earlier response.
public struct ResponseRequest: DescribedRequest, Hashable {
    /// The model asked for; echoed, never compared.
    public var model: String
    /// The items that the request adds to the conversation; a plain text is one message of the user's.
    public var input: [JSONValue]
    /// The response whose conversation goes on.
    public var previousID: String?
    /// What the model is told before the conversation; not part of it.
    public var instructions: String?
    /// Whether the response can be had again.
    public var isStored: Bool
    /// Whether the answer is a stream.
    public var isStreamed: Bool
    /// Whether the answer is made while nobody waits, to be had later.
    public var isBackground: Bool
    /// The fields of the chat that it is, all but the messages.
    public var chatFields: JSONObject
    /// What the response repeats of the request.
    public var echoed: JSONObject

    /// The request that a reader's object holds.
    package init(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) {
        model = try FieldReader.model(&reader, limits: limits)
        let value = try reader.required("input", .either([.string, .list(.map(.any))]))
        input = try ResponseItems.list(value, field: "input")
        instructions = try reader.string("instructions")
        previousID = try reader.string("previous_response_id")
        isStored = try reader.bool("store", default: true)
        isStreamed = try reader.bool("stream", default: false)
        if var options = try reader.fields("stream_options") {
            // Padding against traffic analysis: allowed to be asked for, and this server doesn't pad.
            _ = try options.bool("include_obfuscation")
            try options.rejectUnread { _ in nil }
        }
        isBackground = try reader.bool("background", default: false)
        let settings = try ResponseSettings(&reader, limits: limits)
        chatFields = settings.chatFields
        chatFields["model"] = .string(model)
        echoed = settings.echoed
        try checkTogether()
        for key in ["user", "service_tier", "prompt_cache_key", "prompt_cache_retention", "safety_identifier"] {
            _ = reader.value(key)
        }
        for key in ["conversation", "prompt", "context_management"] {
            guard let value = reader.given(key), value != [], value != [:] else { continue }
            throw .unsupported(field: key)
        }
        _ = try chat(after: [], limits: limits)
    }

    private func checkTogether() throws(ValidationError) {
        if isBackground, !isStored {
            throw .invalid(field: "background", message: "background needs store: the response is had later")
        }
    }

    /// The request as a chat.
    ///
    /// - Parameter earlier: The items of the conversation so far.
    /// - Throws: `ValidationError` naming the first item that is wrong.
    public func chat(after earlier: [JSONValue], limits: RequestLimits) throws(ValidationError) -> ChatCompletionRequest
    {
        var messages: [JSONValue] = []
        if let instructions { messages.append(["role": "system", "content": .string(instructions)]) }
        messages += try ResponseItems.chatMessages(earlier + input, from: -earlier.count)
        var fields = chatFields
        fields["messages"] = .array(ResponseItems.joinedSystemMessages(messages))
        var chat = try ChatCompletionRequest(fields, limits: limits)
        chat.stream.isStreamed = isStreamed
        return chat
    }

    /// A plain one, and one with objects inside.
    package static let examples: [JSONObject] = [
        ["model": "m", "input": "Name a colour."],
        [
            "model": "m", "input": [["role": "user", "content": [["type": "input_text", "text": "Name a colour."]]]],
            "instructions": "Be brief.", "max_output_tokens": 16, "stream": true,
            "stream_options": ["include_obfuscation": false], "text": ["format": ["type": "text"]],
            "reasoning": ["effort": "low"], "tool_choice": "none",
        ],
    ]

    /// Fields of chats.
    package static func hint(_ field: String) -> String? {
        switch field {
        case "messages": "use input"
        case "max_tokens", "max_completion_tokens": "use max_output_tokens"
        case "response_format": "use text.format"
        case "reasoning_effort": "use reasoning.effort"
        case "n": "a response is one answer"
        default: nil
        }
    }
}
