package import OrderedJSON

/// `POST /v1/completions`, checked and with its defaults.
public struct CompletionRequest: DescribedRequest, Hashable {
    /// The model asked for; echoed, never compared.
    public var model: String
    /// What to continue; at least one.
    public var prompts: [CompletionPrompt]
    /// What the output has to obey.
    public var grammar: GrammarField?
    /// How to sample and when to stop.
    public var sampling = SamplingFields()
    /// Whether and how to stream.
    public var stream = StreamFields()
    /// Whether the prompt's text comes before the output.
    public var echo = false
    /// Alternatives reported per token (-1: all tokens); `nil` for no log-probabilities.
    public var logProbabilities: Int?
    /// `prompt_logprobs`: alternatives reported per token of the prompt (-1: all tokens); `nil` for no such report.
    public var promptLogProbabilities: Int?
    /// What the answer says beside its text.
    public var reports = ReportFields()
    /// Whether the logits of the prompt's positions are reported.
    public var returnContextLogits = false
    /// Whether text is produced; without, token ids are.
    public var detokenize = true
    /// `suffix`, not empty: what comes behind the gap that is to be filled in.
    public var suffix: String?
    /// Whether BOS and the like are added to text prompts.
    public var addSpecialTokens = true

    /// The request that a reader's object holds.
    package init(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) {
        model = try FieldReader.model(&reader, limits: limits)
        prompts = try CompletionPrompt.list(
            try reader.required("prompt", CompletionPrompt.kind),
            field: "prompt",
            limit: limits.prompts,
        )
        sampling = try SamplingFields(&reader, limits: limits)
        try sampling.checkChoices(prompts: prompts.count, limit: limits.totalChoices)
        stream = try StreamFields(&reader)
        echo = try reader.bool("echo", default: false)
        sampling.maxTokens = try Self.maxTokens(&reader, echo: echo)
        logProbabilities = try Self.logProbabilities(&reader, limit: limits.logProbabilities)
        promptLogProbabilities = try reader.integer("prompt_logprobs", in: -1...limits.logProbabilities)
        reports = try ReportFields(&reader)
        returnContextLogits = try reader.bool("return_context_logits", default: false)
        detokenize = try reader.bool("detokenize", default: true)
        addSpecialTokens = try reader.bool("add_special_tokens", default: true)
        suffix = try reader.string("suffix").flatMap { $0.isEmpty ? nil : $0 }
        if suffix != nil, echo || sampling.truncatePromptTokens != nil {
            let other = echo ? "echo" : "truncate_prompt_tokens"
            throw .invalid(field: "suffix", message: "suffix and \(other) have no place beside each other")
        }
        if echo, let own = promptLogProbabilities, let other = logProbabilities, own != other {
            let message = "prompt_logprobs (\(own)) and logprobs (\(other)) must be the same beside echo"
            throw .invalid(field: "prompt_logprobs", message: message)
        }
        guard !returnContextLogits || !stream.isStreamed else {
            let message = "return_context_logits needs an answer that isn't streamed"
            throw .invalid(field: "return_context_logits", message: message)
        }
        grammar = try GrammarFields.read(&reader, limits: limits)
        try InertFields.check(&reader, isChat: false)
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
        switch reader.given("logprobs", .either([.integer(-1...limit), .boolean])) {
        case nil, .bool(false): nil
        case .bool(true): 1
        case .some(let value): try FieldReader.integer(value, "logprobs", in: -1...limit)
        }
    }
}

extension CompletionRequest {
    /// A plain completion, and one with objects inside.
    package static let examples: [JSONObject] = [
        ["model": "m", "prompt": "The capital of France is"],
        [
            "model": "m", "prompt": ["One", "Two"], "max_tokens": 4, "temperature": 0, "stream": true,
            "stream_options": ["include_usage": true],
        ],
    ]

    /// Fields of other endpoints and servers.
    package static func hint(_ field: String) -> String? { UnknownFieldHint.completion[field] }
}
