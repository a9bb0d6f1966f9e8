import Generation
import GuidedDecoding
import OpenAIProtocol
import OrderedJSON
import RequestParameters

/// From the wire to the text level.
extension GenerationRequest {
    /// The generation of a chat.
    init(_ request: ChatCompletionRequest, backend: any GenerationBackend) throws(GenerationError) {
        if let tokens = request.promptTokenIDs {
            self.init(prompt: .tokens(try backend.tokenIDs(tokens, field: "prompt_token_ids")))
        } else {
            self.init(prompt: .chat(ChatPrompt(request.messages, request.template, ToolUse(request.tools))))
            addSpecialTokens = request.template.addSpecialTokens
        }
        try apply(request.sampling, backend: backend)
        logProbabilities = request.logProbabilities.map(backend.alternatives)
        promptLogProbabilities = request.promptLogProbabilities.map(backend.alternatives)
        grammar = try request.grammar.map { field throws(GenerationError) in try Self.grammar(field) }
        tools = ToolUse(request.tools)
        separatesReasoning = true
        thinkingTokenBudget = request.thinkingTokenBudget
    }

    /// What the generations of a completion's prompts have in common; the prompt is still empty.
    init(_ request: CompletionRequest, backend: any GenerationBackend) throws(GenerationError) {
        self.init(prompt: .tokens([]))
        addSpecialTokens = request.addSpecialTokens
        try apply(request.sampling, backend: backend)
        logProbabilities = request.logProbabilities.map(backend.alternatives)
        promptLogProbabilities =
            request.promptLogProbabilities.map(backend.alternatives) ?? (request.echo ? logProbabilities : nil)
        returnContextLogits = request.returnContextLogits
        suffix = request.suffix
        detokenize = request.detokenize
        grammar = try request.grammar.map { field throws(GenerationError) in try Self.grammar(field) }
    }

    /// A grammar as the engine of grammars knows it.
    private static func grammar(
        _ field: GrammarField
    ) throws(GenerationError) -> (source: GrammarSource, field: String) {
        switch field.grammar {
        case .jsonSchema(let schema): (.jsonSchema(schema), field.name)
        case .jsonObject: (.jsonObject, field.name)
        case .regex(let expression): (.regex(expression), field.name)
        case .choice(let texts): (.choice(texts), field.name)
        case .grammar(let text): (.grammar(text, GrammarDialect(of: text)), field.name)
        case .structuralTag(let tag): (.structuralTag(tag), field.name)
        }
    }

    private mutating func apply(
        _ fields: SamplingFields,
        backend: any GenerationBackend,
    ) throws(GenerationError) {
        truncatePromptTokens = fields.truncatePromptTokens
        maxTokens = fields.maxTokens
        minTokens = fields.minTokens
        sampling = fields.parameters
        let biased = try backend.tokenIDs(fields.logitBias.map(\.token), field: "logit_bias")
        sampling.logitBias = Dictionary(zip(biased, fields.logitBias.map(\.bias)), uniquingKeysWith: { $1 })
        if let allowed = fields.allowedTokenIDs {
            sampling.allowedTokens = Set(try backend.tokenIDs(allowed, field: "allowed_token_ids"))
        }
        badWords = fields.badWords
        cacheSalt = fields.cacheSalt
        n = fields.n
        bestOf = fields.bestOf
        beams = fields.beams
        stop = StopStrings(fields.stop)
        stopTokenIDs = try backend.tokenIDs(fields.stopTokenIDs, field: "stop_token_ids")
        includeStopInOutput = fields.includeStopInOutput
        ignoreEOS = fields.ignoreEOS
        skipSpecialTokens = fields.skipSpecialTokens
        spacesBetweenSpecialTokens = fields.spacesBetweenSpecialTokens
    }
}

extension GenerationPrompt {
    /// One prompt of a completion, or a text of which there is to be an embedding.
    init(
        _ prompt: CompletionPrompt,
        backend: any GenerationBackend,
        field: String = "prompt",
    ) throws(GenerationError) {
        switch prompt {
        case .text(let text): self = .text(text)
        case .tokens(let tokens): self = .tokens(try backend.tokenIDs(tokens, field: field))
        }
    }
}

extension ChatPrompt {
    /// A chat; the model isn't told of tools that it may not call.
    init(_ messages: [ChatMessage], _ fields: TemplateFields, _ tools: ToolUse?) {
        self.init(messages: messages.map { .object($0.members) })
        self.tools = tools.flatMap { $0.choice == .none ? nil : $0.templateTools }
        documents = fields.documents
        addGenerationPrompt = fields.addGenerationPrompt
        continuesFinalMessage = fields.continuesFinalMessage
        template = fields.template
        templateVariables = fields.variables
    }
}

extension ToolUse {
    /// The tools of a request; `nil` for none.
    init?(_ fields: ToolFields) {
        guard !fields.tools.isEmpty else { return nil }
        let definitions = fields.tools.map { tool in
            ToolDefinition(
                name: tool.name,
                description: tool.description,
                parameters: tool.parameters,
                isStrict: tool.isStrict,
            )
        }
        let choice: ToolChoice =
            switch fields.choice {
            case .none: .none
            case .auto: .auto
            case .required: .required
            case .named(let name): .named(name)
            }
        self.init(definitions, choice: choice, allowsParallelCalls: fields.allowsParallelCalls)
        allowed = fields.allowed
    }
}

extension GenerationBackend {
    /// How many alternatives of a token are meant by a number from the wire, where -1 is all tokens.
    fileprivate func alternatives(_ number: Int) -> Int {
        number < 0 ? vocabularySize : min(number, vocabularySize)
    }

    /// Numbers from the wire as ids of the vocabulary.
    func tokenIDs(_ numbers: [Int], field: String) throws(GenerationError) -> [Int32] {
        let size = vocabularySize
        var ids: [Int32] = []
        ids.reserveCapacity(numbers.count)
        for number in numbers {
            guard number >= 0, number < size, let id = Int32(exactly: number) else {
                throw .tokenOutOfRange(field: field, token: number, vocabularySize: size)
            }
            ids.append(id)
        }
        return ids
    }
}
