package import Tokenization

/// Prompts to token ids: one way for every route, so that none doubles BOS or forgets a check.
package struct PromptStage: Sendable {
    /// A prompt as tokens and as text.
    package struct Prompt: Sendable {
        package var tokens: [TokenID]
        package var text: String
    }

    let tokenizer: Tokenizer
    private let vocabularySize: Int
    private let renderer: PromptRenderer
    let bounds: PromptBounds
    /// What gaps in a text are marked with; `nil` where the vocabulary has nothing for it.
    let infillTokens: InfillTokens?
    private let warnDoubledBOS: @Sendable () -> Void

    /// A stage for a model of `vocabularySize` tokens; `warnDoubledBOS` is called for every second BOS taken out.
    package init(
        tokenizer: Tokenizer,
        vocabularySize: Int,
        renderer: PromptRenderer,
        bounds: PromptBounds,
        warnDoubledBOS: @escaping @Sendable () -> Void = {},
    ) {
        self.tokenizer = tokenizer
        infillTokens = InfillTokens(tokenizer)
        self.vocabularySize = vocabularySize
        self.renderer = renderer
        self.bounds = bounds
        self.warnDoubledBOS = warnDoubledBOS
    }

    /// The tokens of a prompt; a text that can't fit is refused before it is tokenized.
    ///
    /// - Throws: `.template`, `.noChatTemplate`, `.tokenOutOfRange`, `.emptyPrompt`, `.promptTooLong`, `.outOfRange`,
    ///   `.cancelled`.
    package func prompt(
        _ request: GenerationRequest,
        isCancelled: @escaping @Sendable () -> Bool = { false },
    ) throws(GenerationError) -> Prompt {
        if let suffix = request.suffix { return try infill(request, suffix: suffix, isCancelled: isCancelled) }
        if case .tokens(let tokens) = request.prompt {
            try check(tokens, field: "prompt")
            let kept = Array(tokens.suffix(request.truncatePromptTokens ?? tokens.count))
            try bounds.check(tokenCount: kept.count, of: request)
            return Prompt(tokens: kept, text: tokenizer.decode(kept, skipSpecialTokens: false))
        }
        let source = try source(of: request.prompt, isCancelled)
        try bounds.check(textBytes: source.text.count, of: request)
        let tokens = try tokens(
            source,
            addSpecialTokens: request.addSpecialTokens ?? request.prompt.addsSpecialTokens,
            parseSpecialTokens: true,
            isCancelled,
        )
        let kept = Array(tokens.suffix(request.truncatePromptTokens ?? tokens.count))
        try bounds.check(tokenCount: kept.count, of: request)
        let text =
            kept.count < tokens.count
            ? tokenizer.decode(kept, skipSpecialTokens: false) : String(decoding: source.text, as: UTF8.self)
        return Prompt(tokens: kept, text: text)
    }

    /// The tokens of a text or a chat, however many.
    ///
    /// - Throws: `.template`, `.noChatTemplate`, `.tokenOutOfRange`, `.outOfRange`, `.cancelled`.
    package func tokens(
        of prompt: GenerationPrompt,
        addSpecialTokens: Bool? = nil,
        parseSpecialTokens: Bool = true,
        isCancelled: @escaping @Sendable () -> Bool = { false },
    ) throws(GenerationError) -> [TokenID] {
        if case .tokens(let tokens) = prompt {
            try check(tokens, field: "prompt")
            return tokens
        }
        let source = try source(of: prompt, isCancelled)
        try bounds.check(textBytes: source.text.count, of: prompt)
        return try tokens(
            source,
            addSpecialTokens: addSpecialTokens ?? prompt.addsSpecialTokens,
            parseSpecialTokens: parseSpecialTokens,
            isCancelled,
        )
    }

    /// The sequences of tokens that words are cut into, alone and behind a space.
    package func sequences(of words: [String]) -> [[TokenID]] {
        var sequences: [[TokenID]] = []
        for text in words.flatMap({ [$0, " " + $0] }) {
            let tokens = tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: false)
            if !tokens.isEmpty, !sequences.contains(tokens) { sequences.append(tokens) }
        }
        return sequences
    }

    /// Checks that ids are in the vocabulary.
    ///
    /// - Throws: `.tokenOutOfRange` with the first that isn't.
    package func check(_ tokens: some Sequence<TokenID>, field: String) throws(GenerationError) {
        for token in tokens where token < 0 || Int(token) >= vocabularySize {
            throw .tokenOutOfRange(field: field, token: Int(token), vocabularySize: vocabularySize)
        }
    }

    /// The text to be tokenized, with what of it users typed.
    private func source(
        of prompt: GenerationPrompt,
        _ isCancelled: @escaping @Sendable () -> Bool,
    ) throws(GenerationError) -> ControlTokenGuard.Unmarked {
        switch prompt {
        case .text(let text): ControlTokenGuard.Unmarked(text: Array(text.utf8), plainRanges: [])
        case .chat(let chat): try renderer.render(chat, isCancelled: isCancelled)
        case .tokens: ControlTokenGuard.Unmarked(text: [], plainRanges: [])
        }
    }

    /// The tokens of a text; when it names BOS itself and BOS is added too, one of the two is taken out.
    private func tokens(
        _ source: ControlTokenGuard.Unmarked,
        addSpecialTokens: Bool,
        parseSpecialTokens: Bool,
        _ isCancelled: @escaping @Sendable () -> Bool,
    ) throws(GenerationError) -> [TokenID] {
        let encoded = tokenizer.encode(
            source.text,
            addSpecialTokens: addSpecialTokens,
            parseSpecialTokens: parseSpecialTokens,
            plainRanges: source.plainRanges,
            isCancelled: isCancelled,
        )
        guard var tokens = encoded else { throw .cancelled }
        guard addSpecialTokens, tokenizer.addsBOS, tokens.count > 1, tokens[0] == tokens[1],
            tokens[0] == tokenizer.bosToken
        else { return tokens }
        warnDoubledBOS()
        tokens.removeFirst()
        return tokens
    }
}

extension GenerationPrompt {
    /// Whether the tokenizer adds BOS and the like when nothing is said: a chat's template has its own.
    fileprivate var addsSpecialTokens: Bool {
        if case .text = self { true } else { false }
    }
}
