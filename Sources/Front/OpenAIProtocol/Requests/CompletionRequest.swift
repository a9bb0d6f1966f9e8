public import OrderedJSON

/// One prompt of a completion request.
public enum CompletionPrompt: Sendable, Hashable {
    /// Text, to be tokenized.
    case text(String)
    /// Token ids, not yet compared with the vocabulary.
    case tokens([Int])
}

/// `POST /v1/completions`, checked and with its defaults.
public struct CompletionRequest: Sendable, Hashable {
    /// The model asked for; echoed, never compared.
    public var model: String
    /// What to continue; at least one.
    public var prompts: [CompletionPrompt]
    /// How to sample and when to stop.
    public var sampling = SamplingFields()
    /// Whether and how to stream.
    public var stream = StreamFields()
    /// Whether the prompt's text comes before the output.
    public var echo = false
    /// Alternatives reported per token; `nil` for no log-probabilities.
    public var logProbabilities: Int?
    /// Whether the logits of the prompt's positions are reported.
    public var returnContextLogits = false
    /// Whether text is produced; without, token ids are.
    public var detokenize = true
    /// `suffix`, not empty: what comes behind the gap that is to be filled in.
    public var suffix: String?
    /// Whether BOS and the like are added to text prompts.
    public var addSpecialTokens = true

    /// The request in a body.
    ///
    /// - Throws: `ValidationError` naming the first field that is wrong, unknown or not supported yet.
    public init(_ body: JSONObject, limits: RequestLimits = RequestLimits()) throws(ValidationError) {
        var reader = FieldReader(body)
        model = try FieldReader.model(&reader, limits: limits)
        prompts = try Self.prompts(try reader.required("prompt"), limit: limits.prompts)
        sampling = try SamplingFields(&reader, limits: limits)
        try sampling.checkChoices(prompts: prompts.count, limit: limits.totalChoices)
        stream = try StreamFields(&reader)
        echo = try reader.bool("echo") ?? false
        sampling.maxTokens = try Self.maxTokens(&reader, echo: echo)
        logProbabilities = try Self.logProbabilities(&reader, limit: limits.logProbabilities)
        returnContextLogits = try reader.bool("return_context_logits") ?? false
        detokenize = try reader.bool("detokenize") ?? true
        addSpecialTokens = try reader.bool("add_special_tokens") ?? true
        suffix = try reader.string("suffix").flatMap { $0.isEmpty ? nil : $0 }
        if suffix != nil, echo || sampling.truncatePromptTokens != nil {
            let other = echo ? "echo" : "truncate_prompt_tokens"
            throw .invalid(field: "suffix", message: "suffix and \(other) have no place beside each other")
        }
        guard !returnContextLogits || !stream.isStreamed else {
            let message = "return_context_logits needs an answer that isn't streamed"
            throw .invalid(field: "return_context_logits", message: message)
        }
        try InertFields.check(&reader, isChat: false)
        try reader.rejectUnread { UnknownFieldHint.completion[$0] }
    }

    /// 0 is for scoring a prompt, which only `echo` gives back.
    private static func maxTokens(_ reader: inout FieldReader, echo: Bool) throws(ValidationError) -> Int? {
        guard let limit = try reader.integer("max_tokens", in: 0...Int.max) else { return nil }
        guard limit > 0 || echo else {
            throw .outOfRange(field: "max_tokens", value: "0", allowed: "at least 1 (0 goes with echo only)")
        }
        return limit
    }

    private static func logProbabilities(_ reader: inout FieldReader, limit: Int) throws(ValidationError) -> Int? {
        switch reader.given("logprobs") {
        case nil, .bool(false): nil
        case .bool(true): 1
        case .some(let value): try FieldReader.integer(value, "logprobs", in: 0...limit)
        }
    }

    /// The union of the four forms: a list whose first element is a number is one prompt.
    private static func prompts(_ value: JSONValue, limit: Int) throws(ValidationError) -> [CompletionPrompt] {
        if case .string(let text) = value { return [.text(text)] }
        guard let elements = value.arrayValue else {
            let expected = "a string, a list of strings, a list of token ids, or a list of lists of token ids"
            throw .wrongType(field: "prompt", expected: expected, found: value.kindName)
        }
        switch elements.first {
        case nil: throw .invalid(field: "prompt", message: "prompt must not be an empty list")
        case .integer, .number: return [.tokens(try FieldReader.tokens(elements, "prompt"))]
        default: break
        }
        guard elements.count <= limit else {
            throw .outOfRange(
                field: "prompt",
                value: "a list of \(elements.count)",
                allowed: "at most \(limit) prompts"
            )
        }
        var prompts: [CompletionPrompt] = []
        for (index, element) in elements.enumerated() {
            switch element {
            case .string(let text): prompts.append(.text(text))
            case .array(let tokens): prompts.append(.tokens(try FieldReader.tokens(tokens, "prompt[\(index)]")))
            default:
                let expected = "a string or a list of token ids"
                throw .wrongType(field: "prompt[\(index)]", expected: expected, found: element.kindName)
            }
        }
        return prompts
    }
}
