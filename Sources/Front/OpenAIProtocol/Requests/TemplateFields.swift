public import OrderedJSON

/// What a chat template is given beyond the messages.
public struct TemplateFields: Sendable, Hashable {
    /// `add_generation_prompt`: whether the template opens the assistant's turn.
    public var addGenerationPrompt = true
    /// `continue_final_message`: whether the last message is left open, to be continued.
    public var continuesFinalMessage = false
    /// `add_special_tokens`: whether BOS and the like are added to the rendered text.
    public var addSpecialTokens = false
    /// `documents`, for retrieval templates.
    public var documents: [JSONValue]?
    /// `chat_template`: a template of the request's own.
    public var template: String?
    /// `chat_template_kwargs`: further variables, and those that `reasoning_effort` sets.
    public var variables = JSONObject()

    /// What a request without any of the fields has.
    public init() {}
}

extension TemplateFields {
    init(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) {
        let opensTurn = try reader.bool("add_generation_prompt")
        continuesFinalMessage = try reader.bool("continue_final_message", default: false)
        guard !(continuesFinalMessage && opensTurn == true) else {
            let message = "continue_final_message and add_generation_prompt can't both be true"
            throw .invalid(field: "continue_final_message", message: message)
        }
        addGenerationPrompt = opensTurn ?? !continuesFinalMessage
        addSpecialTokens = try reader.bool("add_special_tokens", default: false)
        documents = try reader.array("documents")
        template = try reader.string("chat_template")
        guard template == nil || limits.allowsChatTemplate else {
            let message =
                "chat_template in a request isn't allowed: start the server with --allow_request_chat_template"
            throw .invalid(field: "chat_template", message: message)
        }
        variables = try reader.object("chat_template_kwargs") ?? [:]
        try readReasoningEffort(&reader)
    }

    /// Variables that some models' templates know; others don't look at them.
    private mutating func readReasoningEffort(_ reader: inout FieldReader) throws(ValidationError) {
        guard let effort = try reader.string("reasoning_effort") else { return }
        if variables["reasoning_effort"] == nil { variables["reasoning_effort"] = .string(effort) }
        let switches = ["enable_thinking", "thinking"]
        guard effort == "none", switches.allSatisfy({ variables[$0] == nil }) else { return }
        for name in switches { variables[name] = false }
    }
}
