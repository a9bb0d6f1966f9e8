public import ChatTemplates
public import Checkpoints
public import Engine
internal import RequestParameters
public import Tokenization

/// Text in, text out: the one way from a request to its answer, shared by every route and every program.
///
///     request -> render -> tokenize -> check -> submit -> detokenize -> stop filter -> output format -> pieces
///
/// `prepare` does the first four on threads of their own, `submit` the fifth; the rest happens as the stream is read.
/// Nothing here runs on the engine's thread, no text of any length on the threads that serve connections, and nothing is
/// produced before every check has passed.
public struct GenerationPipeline: GenerationBackend {
    /// Longest sequence, prompt and output, in tokens.
    public let maxSequenceLength: Int
    /// Number of token ids.
    public let vocabularySize: Int

    private let engine: EngineLoop
    private let tokenizer: Tokenizer
    private let renderer: PromptRenderer
    private let bounds: PromptBounds
    private let stage: PromptStage
    private let workers: TextWorkers
    private let textLimits: TextLimits
    private let streamInterval: Int
    private let outputFormat: OutputFormat
    private let constraints: OutputConstraints

    /// A pipeline over an engine.
    ///
    /// - Parameters:
    ///   - engine: Where token ids become more token ids.
    ///   - tokenizer: The model's.
    ///   - chatTemplate: The model's, when it has one.
    ///   - namedTemplates: Its further ones by name; `tool_use` is for chats with tools.
    ///   - maxSequenceLength: Longest sequence the engine takes.
    ///   - vocabularySize: Number of token ids the model knows.
    ///   - textLimits: What rendering and tokenizing may take.
    ///   - outputFormat: How outputs are taken apart; `nil` is as the templates show it.
    ///   - streamInterval: Tokens of a choice per piece, after the first.
    ///   - warn: Takes a warning for the log; each is given once.
    public init(
        engine: EngineLoop,
        tokenizer: Tokenizer,
        chatTemplate: ChatTemplate?,
        namedTemplates: [String: String] = [:],
        maxSequenceLength: Int,
        vocabularySize: Int,
        textLimits: TextLimits = TextLimits(),
        outputFormat: OutputFormat? = nil,
        streamInterval: Int = 1,
        warn: @escaping @Sendable (String) -> Void = { _ in },
    ) {
        self.engine = engine
        self.tokenizer = tokenizer
        self.maxSequenceLength = maxSequenceLength
        self.vocabularySize = vocabularySize
        self.textLimits = textLimits
        self.streamInterval = streamInterval
        workers = TextWorkers(limits: textLimits)
        let templates = [chatTemplate?.source, namedTemplates["tool_use"]].compactMap(\.self)
        let controlTokens = ControlTokens(tokenizer)
        let format = outputFormat ?? OutputFormat(templates: templates, tokens: controlTokens)
        self.outputFormat = format
        constraints = OutputConstraints(format: format, tokenizer: tokenizer, controlTokens: controlTokens)
        if engine.generates { constraints.prepare() }
        renderer = PromptRenderer(
            tokenizer: tokenizer,
            template: chatTemplate,
            named: namedTemplates,
            limits: textLimits,
        )
        bounds = PromptBounds(sequenceLength: maxSequenceLength, tokenizer: tokenizer, limits: textLimits)
        let once = OnceFlag()
        stage = PromptStage(
            tokenizer: tokenizer,
            vocabularySize: vocabularySize,
            renderer: renderer,
            bounds: bounds,
        ) {
            if once.raise() { warn("a prompt began with BOS already; no second one was added") }
        }
    }

    /// Renders, tokenizes and checks a request, without touching the engine.
    ///
    /// A task that is cancelled meanwhile ends this at once.
    ///
    /// - Throws: `GenerationError` naming what is wrong with the request.
    public func prepare(_ request: GenerationRequest) async throws(GenerationError) -> PreparedGeneration {
        guard engine.generates || request.maxTokens == 0 else { throw .cannotGenerate }
        try stage.check(request.stopTokenIDs, field: "stop_token_ids")
        try stage.check(request.sampling.logitBias.keys, field: "logit_bias")
        try stage.check(request.sampling.allowedTokens ?? [], field: "allowed_token_ids")
        var work = request.prompt.work(
            templateBytes: textLimits.templateBytes,
            suffixBytes: request.suffix?.utf8.count ?? 0,
        )
        // A grammar's size says nothing of what compiling it takes.
        if request.grammar != nil || request.tools != nil { work.isShort = false }
        try bounds.check(request, work)
        let (stage, constraints) = (stage, constraints)
        let compiler = await constraints.compiler(for: request)
        let (prompt, banned, constraint) = try await workers.run(work) { isCancelled throws(GenerationError) in
            let prompt = try stage.prompt(request, isCancelled: isCancelled)
            let constraint = try constraints.constraint(
                for: request,
                promptText: prompt.text,
                compiler: compiler,
                isCancelled: isCancelled,
            )
            return (prompt, stage.sequences(of: request.badWords), constraint)
        }
        var request = request
        request.constraint = constraint
        request.sampling.bannedSequences += banned
        let room = maxSequenceLength - prompt.tokens.count
        return PreparedGeneration(
            request: request,
            promptTokens: prompt.tokens,
            promptText: prompt.text,
            maxTokens: min(request.maxTokens ?? room, room),
            seed: request.sampling.seed ?? Self.drawSeed(),
        )
    }

    /// Hands a request to the engine.
    ///
    /// - Throws: `.overloaded` or `.shuttingDown`, or what the engine finds too large, before anything is produced.
    public func submit(_ prepared: PreparedGeneration) throws(GenerationError) -> GenerationStream {
        do throws(EngineError) {
            let events = try engine.submit(EngineRequest(prepared, tokenizer: tokenizer))
            let assembler = RequestAssembler(
                prepared,
                tokenizer: tokenizer,
                format: outputFormat,
                streamInterval: streamInterval,
            )
            let subscription = EngineSubscription(events)
            return GenerationStream { EngineSource(events: subscription.take(), assembler: assembler) }
        } catch {
            throw GenerationError(error)
        }
    }

    /// The embedding of a request's prompt: the mean of the hidden states that a pooling takes, of whatever length.
    ///
    /// Of the request only the prompt and what concerns it matter. Cancelling the task cancels the work.
    ///
    /// - Returns: The embedding, `[hidden size]`, and the prompt's tokens.
    /// - Throws: what `prepare` and `submit` throw.
    public func embed(
        _ request: GenerationRequest,
        pooling: Pooling,
    ) async throws(GenerationError) -> (vector: [Float], promptTokens: Int) {
        var request = request
        request.maxTokens = 0
        let tokens = try await prepare(request).promptTokens
        let positions = pooling.positions(of: tokens.count)
        do throws(EngineError) {
            var pooled = EngineRequest(promptTokens: tokens, pooledPositions: positions)
            pooled.group = request.group
            let stream = try engine.submit(pooled)
            var events = stream.makeAsyncIterator()
            while let event = try await events.next() {
                if case .embedding(let vector) = event { return (vector, tokens.count) }
            }
        } catch {
            throw GenerationError(error)
        }
        throw .cancelled
    }

    /// The prompt text of a chat, exactly as it will be tokenized.
    ///
    /// - Throws: `.template`, `.noChatTemplate`, `.overloaded` or `.cancelled`.
    public func render(_ chat: ChatPrompt) async throws(GenerationError) -> String {
        let renderer = renderer
        let work = GenerationPrompt.chat(chat).work(templateBytes: textLimits.templateBytes)
        return try await workers.run(work) { isCancelled throws(GenerationError) in
            String(decoding: try renderer.render(chat, isCancelled: isCancelled).text, as: UTF8.self)
        }
    }

    /// The ids of a text or a chat, however many; `nil` for special tokens is what a request for it would do.
    ///
    /// - Throws: `.template`, `.noChatTemplate`, `.tokenOutOfRange`, `.outOfRange`, `.overloaded` or `.cancelled`.
    public func tokenize(
        _ prompt: GenerationPrompt,
        addSpecialTokens: Bool?,
        parseSpecialTokens: Bool,
    ) async throws(GenerationError) -> [TokenID] {
        let work = prompt.work(templateBytes: textLimits.templateBytes)
        try bounds.check(textBytes: work.textBytes, of: prompt)
        let stage = stage
        return try await workers.run(work) { isCancelled throws(GenerationError) in
            try stage.tokens(
                of: prompt,
                addSpecialTokens: addSpecialTokens,
                parseSpecialTokens: parseSpecialTokens,
                isCancelled: isCancelled,
            )
        }
    }

    /// The text of ids; bytes that aren't UTF-8 become U+FFFD.
    ///
    /// - Throws: `.tokenOutOfRange`, `.overloaded` or `.cancelled`.
    public func detokenize(
        _ tokens: [TokenID],
        skipSpecialTokens: Bool,
    ) async throws(GenerationError) -> String {
        let (stage, tokenizer) = (stage, tokenizer)
        return try await workers.run(TextWork(textBytes: tokens.count)) { _ throws(GenerationError) in
            try stage.check(tokens, field: "tokens")
            return tokenizer.decode(tokens, skipSpecialTokens: skipSpecialTokens)
        }
    }

    /// A seed that JavaScript's numbers hold exactly, so that a client can send back the one reported.
    private static func drawSeed() -> UInt64 { .random(in: 0..<(1 << 53)) }
}
