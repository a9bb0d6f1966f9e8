internal import GuidedDecoding
package import Tokenization

/// What of a request matters after the engine: shared by its choices.
package struct OutputSettings: Sendable {
    /// Whose tokens they are.
    package var tokenizer: Tokenizer
    /// The prompt; text after a prompt keeps SentencePiece's leading space.
    package var promptTokens: [TokenID]
    /// The token count that ends a choice.
    package var maxTokens: Int
    /// The first tokens, whose text isn't searched for stop strings.
    package var minTokens: Int
    /// The texts that end a choice.
    package var stop: StopStrings
    /// Tokens that end a choice and say so.
    package var stopTokens: Set<TokenID>
    /// Tokens that end a choice silently.
    package var endTokens: Set<TokenID>
    /// Whether what stopped a choice stays in its text.
    package var includesStop: Bool
    /// Whether control tokens contribute no text.
    package var skipsSpecialTokens: Bool
    /// For tokenizers that tell the difference.
    package var spacesBetweenSpecialTokens: Bool
    /// Whether text is produced at all.
    package var producesText: Bool
    /// What takes the text apart, at the beginning of an output; `nil` where the text is the answer.
    package var parser: (any OutputParser)?
    /// Whether a choice ends with its first call.
    package var endsWithFirstCall: Bool

    /// The settings of a request.
    package init(_ prepared: PreparedGeneration, tokenizer: Tokenizer, format: OutputFormat? = nil) {
        let request = prepared.request
        self.tokenizer = tokenizer
        promptTokens = prepared.promptTokens
        // Only the engine knows whether a constraint is fulfilled by the last token that there is room for.
        maxTokens = request.constraint == nil ? prepared.maxTokens : .max
        minTokens = request.minTokens
        stop = request.stop
        stopTokens = Set(request.stopTokenIDs)
        endTokens = request.ignoreEOS ? [] : tokenizer.endOfGenerationTokens
        includesStop = request.includeStopInOutput
        skipsSpecialTokens = request.skipSpecialTokens
        spacesBetweenSpecialTokens = request.spacesBetweenSpecialTokens
        producesText = request.detokenize
        parser = format?.makeParser(prepared)
        endsWithFirstCall = request.tools?.endsWithFirstCall ?? false
    }
}
