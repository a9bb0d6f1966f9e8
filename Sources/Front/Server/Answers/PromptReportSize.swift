import Generation
import OpenAIProtocol

/// What an answer holds of its prompts, in bytes: their logits, their tokens' scores, and their text before every choice.
struct PromptReportSize {
    /// Of a scored token: its bytes, its text's share of the body.
    private static let scoreBytes = 80

    private(set) var bytes = 0
    private let limit: Int

    /// The size for all prompts of a request.
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
        if request.echo, let alternatives = request.logProbabilities {
            try add([tokens, alternatives + 1, Self.scoreBytes], "logprobs", "scores of \(tokens) prompt tokens")
        }
        if let alternatives = request.promptLogProbabilities {
            try add(
                [tokens, alternatives + 1, Self.scoreBytes, choices],
                "prompt_logprobs",
                "scores of \(tokens) prompt tokens for each of \(choices) choices",
            )
        }
        if request.echo {
            let text = prepared.reduce(0) { $0 + ($1.promptText?.utf8.count ?? $1.promptTokens.count) }
            try add([text, choices], "echo", "\(text) bytes of prompts before each of \(choices) choices")
        }
    }

    /// The size for a chat, which echoes a text before every choice.
    ///
    /// - Throws: `ValidationError` when it is over the limit, with the numbers it is made of.
    init(_ request: ChatCompletionRequest, limit: Int) throws(ValidationError) {
        self.limit = limit
        let choices = request.sampling.n
        let text = request.echoedText?.utf8.count ?? 0
        try add([text, choices], "echo", "\(text) bytes of text before each of \(choices) choices")
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
