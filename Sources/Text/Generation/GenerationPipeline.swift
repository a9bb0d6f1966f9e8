public import ChatTemplates
public import Engine
public import Tokenization

/// Text in, text out: the one way from a request to its answer, shared by every route and every program.
///
///     request -> render -> tokenize -> check -> submit -> detokenize -> stop filter -> pieces
///
/// `prepare` does the first four in the caller's task, `submit` the fifth; the rest happens as the stream is read.
/// Nothing here runs on the engine's thread, and nothing is produced before every check has passed.
public struct GenerationPipeline: GenerationBackend {
    /// Texts up to this many bytes don't wait for their turn to be tokenized.
    private static let shortText = 1 << 14

    /// Longest sequence, prompt and output, in tokens.
    public let maxSequenceLength: Int
    /// Number of token ids.
    public let vocabularySize: Int

    private let engine: EngineLoop
    private let tokenizer: Tokenizer
    private let renderer: PromptRenderer
    private let stage: PromptStage
    private let gate: TokenizationGate
    private let streamInterval: Int

    /// A pipeline over an engine.
    ///
    /// - Parameters:
    ///   - engine: Where token ids become more token ids.
    ///   - tokenizer: The model's.
    ///   - chatTemplate: The model's, when it has one.
    ///   - maxSequenceLength: Longest sequence the engine takes.
    ///   - vocabularySize: Number of token ids the model knows.
    ///   - concurrentTokenizations: Most long texts that are rendered and tokenized at once.
    ///   - streamInterval: Tokens of a choice per piece, after the first.
    ///   - warn: Takes a warning for the log; each is given once.
    public init(
        engine: EngineLoop,
        tokenizer: Tokenizer,
        chatTemplate: ChatTemplate?,
        maxSequenceLength: Int,
        vocabularySize: Int,
        concurrentTokenizations: Int = 1,
        streamInterval: Int = 1,
        warn: @escaping @Sendable (String) -> Void = { _ in },
    ) {
        self.engine = engine
        self.tokenizer = tokenizer
        self.maxSequenceLength = maxSequenceLength
        self.vocabularySize = vocabularySize
        self.streamInterval = streamInterval
        renderer = PromptRenderer(tokenizer: tokenizer, template: chatTemplate)
        gate = TokenizationGate(limit: concurrentTokenizations)
        let once = OnceFlag()
        stage = PromptStage(tokenizer: tokenizer, vocabularySize: vocabularySize, renderer: renderer) {
            if once.raise() { warn("a prompt began with BOS already; no second one was added") }
        }
    }

    /// Renders, tokenizes and checks a request, without touching the engine.
    ///
    /// - Throws: `GenerationError` naming what is wrong with the request.
    public func prepare(_ request: GenerationRequest) async throws(GenerationError) -> PreparedGeneration {
        try stage.check(request.stopTokenIDs, field: "stop_token_ids")
        try stage.check(request.logitBias.keys.sorted(), field: "logit_bias")
        let prompt = try await tokenized(request).get()
        guard !prompt.tokens.isEmpty else { throw .emptyPrompt }
        let room = maxSequenceLength - prompt.tokens.count
        guard room > 0 else { throw .promptTooLong(promptTokens: prompt.tokens.count, limit: maxSequenceLength) }
        return PreparedGeneration(
            request: request,
            promptTokens: prompt.tokens,
            promptText: prompt.text,
            maxTokens: min(request.maxTokens ?? room, room),
            seed: request.seed ?? Self.drawSeed(),
        )
    }

    /// Hands a request to the engine.
    ///
    /// - Throws: `.overloaded` or `.shuttingDown`, or what the engine finds too large, before anything is produced.
    public func submit(_ prepared: PreparedGeneration) throws(GenerationError) -> GenerationStream {
        do throws(EngineError) {
            let events = try engine.submit(EngineRequest(prepared, tokenizer: tokenizer))
            let assembler = RequestAssembler(prepared, tokenizer: tokenizer, streamInterval: streamInterval)
            let subscription = EngineSubscription(events)
            return GenerationStream { EngineSource(events: subscription.take(), assembler: assembler) }
        } catch {
            throw GenerationError(error)
        }
    }

    /// The prompt text of a chat, exactly as it will be tokenized.
    ///
    /// - Throws: `.template` or `.noChatTemplate`.
    public func render(_ chat: ChatPrompt) throws(GenerationError) -> String {
        String(decoding: try renderer.render(chat).text, as: UTF8.self)
    }

    /// The ids of a text.
    public func tokenize(text: String, addSpecialTokens: Bool, parseSpecialTokens: Bool) async -> [TokenID] {
        let stage = stage
        return await turn(byteCount: text.utf8.count) {
            stage.tokens(
                Array(text.utf8),
                addSpecialTokens: addSpecialTokens,
                parseSpecialTokens: parseSpecialTokens
            )
        }
    }

    /// The text of ids; bytes that aren't UTF-8 become U+FFFD.
    ///
    /// - Throws: `.tokenOutOfRange`.
    public func detokenize(_ tokens: [TokenID], skipSpecialTokens: Bool) throws(GenerationError) -> String {
        try stage.check(tokens, field: "tokens")
        return tokenizer.decode(tokens, skipSpecialTokens: skipSpecialTokens)
    }

    private func tokenized(_ request: GenerationRequest) async -> Result<PromptStage.Prompt, GenerationError> {
        let stage = stage
        return await turn(byteCount: request.prompt.byteCount) {
            Result { () throws(GenerationError) in try stage.prompt(request) }
        }
    }

    private func turn<Value: Sendable>(byteCount: Int, _ work: @Sendable () -> Value) async -> Value {
        byteCount <= Self.shortText ? work() : await gate.run(work)
    }

    /// A seed that JavaScript's numbers hold exactly, so that a client can send back the one reported.
    private static func drawSeed() -> UInt64 { .random(in: 0..<(1 << 53)) }
}
