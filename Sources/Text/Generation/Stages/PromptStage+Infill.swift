internal import Tokenization

extension PromptStage {
    /// The tokens of a text with a gap before `suffix`, for a model to fill in.
    ///
    /// What the texts look like is never taken for control tokens: they are somebody's program, not a prompt.
    ///
    /// - Throws: `.outOfRange` when the vocabulary has no tokens for that or the prompt isn't a text, and what `prompt` throws.
    func infill(
        _ request: GenerationRequest,
        suffix: String,
        isCancelled: @escaping @Sendable () -> Bool,
    ) throws(GenerationError) -> Prompt {
        guard case .text(let text) = request.prompt else {
            throw .outOfRange(field: "suffix", value: "given", allowed: "left out where the prompt isn't a text")
        }
        guard let infill = infillTokens else {
            let allowed = "left out: the model's vocabulary has no tokens for filling in the middle"
            throw .outOfRange(field: "suffix", value: "given", allowed: allowed)
        }
        var tokens: [TokenID] = []
        if request.addSpecialTokens ?? true, tokenizer.addsBOS, let bos = tokenizer.bosToken { tokens.append(bos) }
        tokens.append(infill.prefix)
        tokens += try plainTokens(text, isCancelled)
        tokens.append(infill.suffix)
        tokens += try plainTokens(suffix, isCancelled)
        tokens.append(infill.middle)
        try bounds.check(tokenCount: tokens.count, of: request)
        return Prompt(tokens: tokens, text: text)
    }

    private func plainTokens(
        _ text: String,
        _ isCancelled: @escaping @Sendable () -> Bool,
    ) throws(GenerationError) -> [TokenID] {
        let tokens = tokenizer.encode(
            Array(text.utf8),
            addSpecialTokens: false,
            parseSpecialTokens: false,
            plainRanges: [],
            isCancelled: isCancelled,
        )
        guard let tokens else { throw .cancelled }
        return tokens
    }
}
