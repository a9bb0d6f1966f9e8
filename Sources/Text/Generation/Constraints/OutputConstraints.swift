package import GuidedDecoding
internal import OrderedJSON
internal import Synchronization
package import Tokenization

/// Makes what a model's outputs have to obey: grammars of calls and answers, behind the thoughts that may stand in front.
package final class OutputConstraints: Sendable {
    /// Most grammars of tools that are kept.
    private static let capacity = 32

    /// What a grammar with calls was made of.
    private struct Key: Hashable, Sendable {
        var calls: ToolUse?
        var answer: GrammarSource?

        /// Roughly how many bytes it takes in memory.
        var byteCount: Int {
            let tools = calls?.definitions.reduce(0) { $0 + JSONValue.object($1.parameters).byteCount } ?? 0
            return tools + (answer?.byteCount ?? 0)
        }
    }

    private let format: OutputFormat
    private let tokenizer: Tokenizer
    private let controlTokens: ControlTokens
    private let compiler: BackgroundCompiler
    /// The grammars with calls; those of answers are kept by the compiler.
    private let grammars = Mutex(GrammarCache<Key>(capacity: OutputConstraints.capacity, limits: GrammarLimits()))

    /// Constraints for the outputs of a model.
    package init(format: OutputFormat, tokenizer: Tokenizer, controlTokens: ControlTokens) {
        self.format = format
        self.tokenizer = tokenizer
        self.controlTokens = controlTokens
        compiler = BackgroundCompiler { GrammarCompiler(vocabulary: TokenVocabulary(tokenizer)) }
    }

    /// Begins to look at the vocabulary, so that the first request with a grammar needn't wait for that.
    package func prepare() { compiler.start() }

    /// What makes the grammars of a request; `nil` where it can't need any.
    package func compiler(for request: GenerationRequest) async -> GrammarCompiler? {
        request.grammar == nil && request.tools == nil ? nil : await compiler.value
    }

    /// What a request's outputs have to obey; `nil` where they are free.
    ///
    /// - Parameter compiler: what `compiler(for:)` has found.
    /// - Throws: `.constraint` naming the field that can't be kept, or `.cancelled`.
    package func constraint(
        for request: GenerationRequest,
        promptText: String,
        compiler: GrammarCompiler?,
        isCancelled: @escaping @Sendable () -> Bool,
    ) throws(GenerationError) -> (any TokenConstraint)? {
        var answer = request.constraint
        if answer == nil { answer = try self.answer(request, compiler, isCancelled) }
        guard answer != nil || request.thinkingTokenBudget != nil else { return nil }
        guard request.separatesReasoning, let reasoning = format.reasoning else { return answer }
        let beginsReasoning = reasoning.begins(behind: promptText)
        guard let parser = format.makeParser(OutputSituation(beginsReasoning: beginsReasoning)) else { return answer }
        let encode: (String) -> [TokenID] = { [tokenizer] in
            tokenizer.encode($0, addSpecialTokens: false, parseSpecialTokens: true)
        }
        return ThinkingConstraint(
            parser: parser,
            marks: ThinkingConstraint.Marks(
                opener: beginsReasoning == nil ? encode(reasoning.openers.first ?? "") : [],
                ending: encode((answer == nil ? reasoning.ending : nil) ?? reasoning.closers.first ?? ""),
            ),
            budget: request.thinkingTokenBudget,
            answer: answer,
        ) { [tokenizer] token in
            let bytes = tokenizer.bytes(of: token, skipSpecialTokens: false)
            return tokenizer.isSpecial(token) ? ControlFrame.framed(bytes) : bytes
        }
    }

    /// The grammar of an answer, of the calls that it may or must have, or of either.
    private func answer(
        _ request: GenerationRequest,
        _ compiler: GrammarCompiler?,
        _ isCancelled: @escaping @Sendable () -> Bool,
    ) throws(GenerationError) -> (any TokenConstraint)? {
        guard let compiler else { return nil }
        let calls = request.tools.flatMap { $0.choice == .none ? nil : $0 }
        guard let calls, let grammar = format.calls.grammar?(controlTokens) else {
            guard let (source, field) = request.grammar else { return nil }
            guard !format.answerHeads.isEmpty else {
                return try compiled(field) { () throws(GrammarError) in
                    try compiler.compile(source, isCancelled: isCancelled)
                }
            }
            let (format, tokens) = (format, controlTokens)
            return try kept(Key(answer: source), field, compiler, isCancelled) { builder throws(GrammarError) in
                try builder.node(forAnswer: source, heads: format.answerHeads, tokens)
            }
        }
        let field = calls.choice == .auto ? request.grammar?.field ?? "tools" : "tools"
        let (tokens, source) = (controlTokens, request.grammar?.source)
        return try kept(Key(calls: calls, answer: source), field, compiler, isCancelled) {
            builder throws(GrammarError) in
            try builder.node(for: calls, grammar, tokens, answer: source)
        }
    }

    /// The grammar of a key, made unless it is still there.
    private func kept(
        _ key: Key,
        _ field: String,
        _ compiler: GrammarCompiler,
        _ isCancelled: @escaping @Sendable () -> Bool,
        _ node: (inout GrammarBuilder) throws(GrammarError) -> GrammarNode,
    ) throws(GenerationError) -> CompiledGrammar {
        if let known = grammars.withLock({ $0[key] }) { return known }
        let made = try compiled(field) { () throws(GrammarError) in
            // An answer may begin with a call of any of many functions.
            try compiler.compile(firstBudgets: 6, isCancelled: isCancelled, node)
        }
        grammars.withLock { $0.insert(made, for: key, keyBytes: key.byteCount) }
        return made
    }

    private func compiled(
        _ field: String,
        _ compile: () throws(GrammarError) -> CompiledGrammar,
    ) throws(GenerationError) -> CompiledGrammar {
        do throws(GrammarError) {
            return try compile()
        } catch {
            throw error.reason == .cancelled ? .cancelled : .constraint(field: field, reason: error.message)
        }
    }
}

extension TokenVocabulary {
    /// A tokenizer's vocabulary as grammars see it.
    fileprivate init(_ tokenizer: Tokenizer) {
        let ids = 0..<TokenID(clamping: tokenizer.vocabularySize)
        var special: [TokenID: String] = [:]
        for id in ids where tokenizer.isSpecial(id) {
            special[id] = String(decoding: tokenizer.bytes(of: id, skipSpecialTokens: false), as: UTF8.self)
        }
        self.init(tokens: ids.map { tokenizer.bytes(of: $0, skipSpecialTokens: false) }, special: special)
    }
}
