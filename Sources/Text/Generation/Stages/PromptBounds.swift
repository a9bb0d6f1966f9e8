package import Tokenization

/// How long a prompt may be: what can be told of its text before it is tokenized, and the rest after.
package struct PromptBounds: Sendable {
    /// Longest sequence, prompt and output, in tokens.
    private let sequenceLength: Int
    /// Most bytes that a token stands for; `nil` without such a bound.
    private let longestTokenBytes: Int?
    /// Longest text that is tokenized, in bytes.
    private let textBytes: Int

    /// The bounds of a model's sequences, and of the work of tokenizing.
    package init(sequenceLength: Int, tokenizer: Tokenizer, limits: TextLimits = TextLimits()) {
        self.sequenceLength = sequenceLength
        longestTokenBytes = tokenizer.longestTokenBytes
        // The longest sequences' texts, whose tokens seldom have more than eight bytes each, are always tokenized.
        let (longest, overflow) = sequenceLength.multipliedReportingOverflow(by: 8)
        textBytes = overflow ? .max : max(limits.textBytes, longest)
    }

    /// Checks what a request brings, before anything is done with it.
    ///
    /// A template may leave out part of a chat, so a chat is only refused for more text than is tokenized.
    ///
    /// - Throws: `.promptTooLong` with the fewest tokens it can have, or `.outOfRange`.
    package func check(_ request: GenerationRequest, _ work: TextWork) throws(GenerationError) {
        switch request.prompt {
        case .text: try check(textBytes: work.textBytes, of: request)
        case .tokens(let tokens): try check(tokenCount: request.tokensKept(of: tokens.count), of: request)
        case .chat where work.textBytes > textBytes: try check(textBytes: work.textBytes, of: request)
        case .chat: break
        }
    }

    /// Checks a text that is to be tokenized.
    ///
    /// - Throws: `.promptTooLong` with the fewest tokens it can have, or `.outOfRange`.
    package func check(textBytes count: Int, of request: GenerationRequest) throws(GenerationError) {
        if let longest = longestTokenBytes, longest > 0 {
            let fewest = count / longest + (count % longest == 0 ? 0 : 1)
            let kept = request.tokensKept(of: fewest)
            if kept > 0 { try check(tokenCount: kept, of: request) }
        }
        try check(textBytes: count, of: request.prompt)
    }

    /// Checks a text that is tokenized for its own sake.
    ///
    /// - Throws: `.outOfRange`.
    package func check(textBytes count: Int, of prompt: GenerationPrompt) throws(GenerationError) {
        guard count > textBytes else { return }
        throw .outOfRange(
            field: prompt.field,
            value: "\(count) bytes of text",
            allowed: "at most \(textBytes) bytes of text to be tokenized",
        )
    }

    /// Checks a prompt's tokens.
    ///
    /// - Throws: `.emptyPrompt` or `.promptTooLong`.
    package func check(tokenCount: Int, of request: GenerationRequest) throws(GenerationError) {
        guard tokenCount > 0 else { throw .emptyPrompt }
        let room = sequenceLength - tokenCount
        guard room >= (request.maxTokens == 0 ? 0 : 1) else {
            throw .promptTooLong(promptTokens: tokenCount, limit: sequenceLength)
        }
    }
}

extension GenerationPrompt {
    /// The request's field that holds it, for messages.
    fileprivate var field: String {
        if case .chat = self { "messages" } else { "prompt" }
    }
}

extension GenerationRequest {
    /// How many of a prompt's tokens are kept.
    fileprivate func tokensKept(of count: Int) -> Int { min(count, truncatePromptTokens ?? count) }
}
