package import Tokenization

/// Prompts to token ids: one way for every route, so that none doubles BOS or forgets a check.
package struct PromptStage: Sendable {
    /// A prompt as tokens and as text.
    package struct Prompt: Sendable {
        package var tokens: [TokenID]
        package var text: String
    }

    private let tokenizer: Tokenizer
    private let vocabularySize: Int
    private let renderer: PromptRenderer
    private let warnDoubledBOS: @Sendable () -> Void

    /// A stage for a model of `vocabularySize` tokens; `warnDoubledBOS` is called for every second BOS taken out.
    package init(
        tokenizer: Tokenizer,
        vocabularySize: Int,
        renderer: PromptRenderer,
        warnDoubledBOS: @escaping @Sendable () -> Void = {},
    ) {
        self.tokenizer = tokenizer
        self.vocabularySize = vocabularySize
        self.renderer = renderer
        self.warnDoubledBOS = warnDoubledBOS
    }

    /// The tokens of a prompt.
    ///
    /// - Throws: `.template`, `.noChatTemplate`, `.tokenOutOfRange`.
    package func prompt(_ request: GenerationRequest) throws(GenerationError) -> Prompt {
        var prompt: Prompt
        switch request.prompt {
        case .text(let text):
            prompt = Prompt(
                tokens: tokens(
                    Array(text.utf8),
                    addSpecialTokens: request.addSpecialTokens ?? true,
                    parseSpecialTokens: true
                ),
                text: text,
            )
        case .tokens(let tokens):
            try check(tokens, field: "prompt")
            prompt = Prompt(tokens: tokens, text: tokenizer.decode(tokens, skipSpecialTokens: false))
        case .chat(let chat):
            let rendered = try renderer.render(chat)
            prompt = Prompt(
                tokens: tokens(
                    rendered.text,
                    addSpecialTokens: request.addSpecialTokens ?? false,
                    parseSpecialTokens: true,
                    plainRanges: rendered.plainRanges,
                ),
                text: String(decoding: rendered.text, as: UTF8.self),
            )
        }
        if let count = request.truncatePromptTokens, count < prompt.tokens.count {
            prompt.tokens = Array(prompt.tokens.suffix(count))
            prompt.text = tokenizer.decode(prompt.tokens, skipSpecialTokens: false)
        }
        return prompt
    }

    /// The tokens of a text.
    ///
    /// When it names BOS itself and BOS is added too, one of the two is taken out.
    package func tokens(
        _ text: [UInt8],
        addSpecialTokens: Bool,
        parseSpecialTokens: Bool,
        plainRanges: [Range<Int>] = [],
    ) -> [TokenID] {
        var tokens = tokenizer.encode(
            text,
            addSpecialTokens: addSpecialTokens,
            parseSpecialTokens: parseSpecialTokens,
            plainRanges: plainRanges,
        )
        guard addSpecialTokens, tokenizer.addsBOS, tokens.count > 1, tokens[0] == tokens[1],
            tokens[0] == tokenizer.bosToken
        else { return tokens }
        warnDoubledBOS()
        tokens.removeFirst()
        return tokens
    }

    /// Checks that ids are in the vocabulary.
    ///
    /// - Throws: `.tokenOutOfRange` with the first that isn't.
    package func check(_ tokens: some Sequence<TokenID>, field: String) throws(GenerationError) {
        for token in tokens where token < 0 || Int(token) >= vocabularySize {
            throw .tokenOutOfRange(field: field, token: Int(token), vocabularySize: vocabularySize)
        }
    }
}
