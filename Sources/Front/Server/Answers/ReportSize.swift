import Generation
import OpenAIProtocol

/// What an answer holds beside its output, in bytes: its prompts' logits, the scores of tokens, and text before every choice.
struct ReportSize {
    /// Of a scored token: its bytes, its text's share of the body.
    private static let scoreBytes = 80
    /// Of a token's id and the comma behind it.
    private static let idBytes = 8
    /// As many alternatives of each token of the output as come with any request.
    private static let freeAlternatives = 20

    private(set) var bytes = 0
    private let limit: Int

    /// The size for all prompts of a completion.
    ///
    /// - Throws: `ValidationError` when it is over the limit, with the numbers it is made of.
    init(
        _ request: CompletionRequest,
        _ prepared: [PreparedGeneration],
        vocabularySize: Int,
        limit: Int,
    ) throws(ValidationError) {
        self.limit = limit
        let choices = request.sampling.n
        let tokens = prepared.reduce(0) { $0 + $1.promptTokens.count }
        if request.returnContextLogits {
            try add(
                [tokens, vocabularySize, 4, choices],
                "return_context_logits",
                "logits of \(tokens) prompt tokens x \(vocabularySize) token ids x 4 bytes x \(choices) choices",
            )
        }
        let alternatives = prepared.first?.request.promptLogProbabilities
        if request.echo, request.logProbabilities != nil, let alternatives {
            try add([tokens, alternatives + 1, Self.scoreBytes], "logprobs", "scores of \(tokens) prompt tokens")
        }
        if request.promptLogProbabilities != nil { try addPromptScores(prepared, choices: choices) }
        if request.reports.returnsTokenIDs {
            let words = "\(tokens) ids of prompts for each of \(choices) choices"
            try add([tokens, choices, Self.idBytes], "return_token_ids", words)
        }
        try addScores(prepared, "logprobs")
        if request.echo {
            let text = prepared.reduce(0) { $0 + ($1.promptText?.utf8.count ?? $1.promptTokens.count) }
            try add([text, choices], "echo", "\(text) bytes of prompts before each of \(choices) choices")
        }
    }

    /// The size for a chat, which echoes a text before every choice.
    ///
    /// - Throws: `ValidationError` when it is over the limit, with the numbers it is made of.
    init(_ request: ChatCompletionRequest, _ prepared: PreparedGeneration, limit: Int) throws(ValidationError) {
        self.limit = limit
        let choices = request.sampling.n
        let text = request.echoedText?.utf8.count ?? 0
        try add([text, choices], "echo", "\(text) bytes of text before each of \(choices) choices")
        try addPromptScores([prepared], choices: 1)
        try addScores([prepared], "top_logprobs")
    }

    /// `prompt_logprobs`, in so many copies.
    private mutating func addPromptScores(_ prepared: [PreparedGeneration], choices: Int) throws(ValidationError) {
        guard let alternatives = prepared.first?.request.promptLogProbabilities else { return }
        let tokens = prepared.reduce(0) { $0 + $1.promptTokens.count }
        let words = "scores of \(tokens) prompt tokens with \(alternatives) alternatives"
        try add(
            [tokens, alternatives + 1, Self.scoreBytes, choices],
            "prompt_logprobs",
            choices == 1 ? words : words + " for each of \(choices) choices",
        )
    }

    /// The scores of outputs that have very many alternatives.
    private mutating func addScores(_ prepared: [PreparedGeneration], _ field: String) throws(ValidationError) {
        guard let request = prepared.first?.request, let alternatives = request.logProbabilities,
            alternatives > Self.freeAlternatives
        else { return }
        let (sum, overflows) = prepared.reduce((0, false)) { sum, one in
            let (next, overflows) = sum.0.addingReportingOverflow(one.maxTokens)
            return (next, sum.1 || overflows)
        }
        let tokens = overflows ? Int.max : sum
        let choices = max(request.n, request.bestOf)
        let words = "scores of \(tokens) tokens (max_tokens) with \(alternatives) alternatives for \(choices) choices"
        try add([tokens, alternatives + 1, Self.scoreBytes, choices], field, words)
    }

    private mutating func add(_ factors: [Int], _ field: String, _ words: String) throws(ValidationError) {
        let size = factors.reduce(1) { $0.multipliedReportingOverflow(by: $1).overflow ? .max : $0 &* $1 }
        let (sum, isTooLarge) = bytes.addingReportingOverflow(size)
        guard !isTooLarge, sum <= limit else {
            let message = "\(field): \(words) take \(size) bytes, but an answer may hold at most \(limit)"
            throw .invalid(field: field, message: message + " (--max_logits_bytes)")
        }
        bytes = sum
    }
}
