package import OrderedJSON

/// `POST /v1/chat/completions`, checked and with its defaults.
public struct ChatCompletionRequest: DescribedRequest, Hashable {
    /// The model asked for; echoed, never compared.
    public var model: String
    /// The conversation; at least one message.
    public var messages: [ChatMessage]
    /// Token ids used instead of rendering the messages, not yet compared with the vocabulary.
    public var promptTokenIDs: [Int]?
    /// What else the template is given.
    public var template = TemplateFields()
    /// The tools that the model may call.
    public var tools = ToolFields()
    /// `thinking_token_budget`: most tokens of thoughts; `nil` is no limit.
    public var thinkingTokenBudget: Int?
    /// What the output has to obey.
    public var grammar: GrammarField?
    /// How to sample and when to stop.
    public var sampling = SamplingFields()
    /// Whether and how to stream.
    public var stream = StreamFields()
    /// Whether the last message's text comes before the output, when it has the reply's role.
    public var echo = false
    /// Alternatives reported per token (0: none but the chosen, -1: all tokens); `nil` for no log-probabilities.
    public var logProbabilities: Int?
    /// `prompt_logprobs`: alternatives reported per token of the prompt (-1: all tokens); `nil` for no such report.
    public var promptLogProbabilities: Int?
    /// What the answer says beside its text.
    public var reports = ReportFields()
    /// `include_reasoning`: whether the answer tells the thoughts.
    public var includesReasoning = true

    /// The role of the reply: the assistant's, or the last message's when it is continued.
    public var replyRole: String {
        template.addGenerationPrompt ? "assistant" : messages.last?.role ?? "assistant"
    }

    /// What comes before the output because of `echo`; `nil` for nothing.
    public var echoedText: String? {
        guard echo, let last = messages.last, last.role == replyRole, !last.text.isEmpty else { return nil }
        return last.text
    }

    /// The request that a reader's object holds.
    package init(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) {
        model = try FieldReader.model(&reader, limits: limits)
        messages = try Self.messages(try reader.required("messages", ChatMessage.list))
        promptTokenIDs = try reader.tokens("prompt_token_ids")
        template = try TemplateFields(&reader, limits: limits)
        sampling = try SamplingFields(&reader, limits: limits)
        try sampling.checkChoices(prompts: 1, limit: limits.totalChoices)
        sampling.maxTokens = try Self.maxTokens(&reader)
        stream = try StreamFields(&reader)
        echo = try reader.bool("echo", default: false)
        logProbabilities = try Self.logProbabilities(&reader, limit: limits.logProbabilities)
        promptLogProbabilities = try reader.integer("prompt_logprobs", in: -1...limits.logProbabilities)
        reports = try ReportFields(&reader)
        includesReasoning = try reader.bool("include_reasoning", default: true)
        tools = try ToolFields(&reader, limits: limits)
        thinkingTokenBudget = try reader.integer("thinking_token_budget", in: 0...Int.max)
        grammar = try GrammarFields.read(&reader, limits: limits)
        try InertFields.check(&reader, isChat: true)
    }

    /// The messages of a chat, as `/tokenize` takes them too.
    static func messages(_ value: JSONValue) throws(ValidationError) -> [ChatMessage] {
        guard let values = value.arrayValue else {
            throw .wrongType(field: "messages", expected: "a list of messages", found: value.kindName)
        }
        guard !values.isEmpty else {
            throw .invalid(field: "messages", message: "messages must contain at least 1 message")
        }
        var messages: [ChatMessage] = []
        for (index, value) in values.enumerated() {
            messages.append(try ChatMessage(value, field: "messages[\(index)]"))
        }
        return messages
    }

    private static func maxTokens(_ reader: inout FieldReader) throws(ValidationError) -> Int? {
        let limits = [
            try reader.integer("max_tokens", in: 1...Int.max),
            try reader.integer("max_completion_tokens", in: 1...Int.max),
        ].compactMap { $0 }
        if limits.count > 1 {
            let message = "max_tokens and max_completion_tokens are two names of one field; give only one of them"
            throw .invalid(field: "max_completion_tokens", message: message)
        }
        return limits.first
    }

    private static func logProbabilities(_ reader: inout FieldReader, limit: Int) throws(ValidationError) -> Int? {
        let wanted: Bool
        var count = 0
        switch reader.given("logprobs", .either([.boolean, .integer(-1...limit)]), default: false) {
        case nil: wanted = false
        case .some(let value) where value.isCount:
            count = try FieldReader.integer(value, "logprobs", in: -1...limit)
            wanted = true
        case .some(let value): wanted = try FieldReader.bool(value, "logprobs")
        }
        count = try reader.integer("top_logprobs", in: -1...limit) ?? count
        guard wanted || count == 0 else {
            throw .invalid(field: "top_logprobs", message: "logprobs must be true when using top_logprobs")
        }
        return wanted ? count : nil
    }
}

extension ChatCompletionRequest {
    /// A plain chat, and one with objects inside.
    package static let examples: [JSONObject] = [
        ["model": "m", "messages": [["role": "user", "content": "Name a colour."]]],
        [
            "model": "m", "messages": [["role": "user", "content": [["type": "text", "text": "Name a colour."]]]],
            "max_tokens": 16, "temperature": 0, "stream": true, "stream_options": ["include_usage": true],
        ],
    ]

    /// Fields of other endpoints and servers.
    package static func hint(_ field: String) -> String? { UnknownFieldHint.chat[field] }
}

extension JSONValue {
    /// Whether it is a number of alternatives, and none of the numbers that stand for a boolean.
    fileprivate var isCount: Bool {
        switch self {
        case .integer(let number): !(0...1).contains(number)
        case .number(let number): ![0, 1].contains(number)
        default: false
        }
    }
}
