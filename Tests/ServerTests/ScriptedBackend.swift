import Generation
import OrderedJSON
import RequestParameters

/// A backend without a model: every byte is a token, and what a request generates is up to the test.
final class ScriptedBackend: GenerationBackend {
    /// One submitted request, driven by the test.
    final class Submission: Sendable {
        let prepared: PreparedGeneration
        /// Finishes when nobody reads the request's events any more.
        let ended: AsyncStream<Void>
        private let events: AsyncStream<Result<GenerationEvent, GenerationError>>.Continuation

        init(
            _ prepared: PreparedGeneration,
            _ events: AsyncStream<Result<GenerationEvent, GenerationError>>.Continuation
        ) {
            self.prepared = prepared
            self.events = events
            let (ended, end) = AsyncStream<Void>.makeStream()
            self.ended = ended
            events.onTermination = { _ in end.finish() }
        }

        func send(_ sent: GenerationEvent...) { for event in sent { events.yield(.success(event)) } }

        func fail(_ error: GenerationError) {
            events.yield(.failure(error))
            events.finish()
        }

        func finish() { events.finish() }

        /// Returns when nobody reads any more.
        func waitUntilAbandoned() async { for await _ in ended {} }
    }

    let maxSequenceLength = 100
    let vocabularySize = 1000
    private let script: (@Sendable (PreparedGeneration) throws(GenerationError) -> [GenerationEvent])?
    private let refusal: @Sendable (PreparedGeneration) -> GenerationError?
    private let submitted = AsyncStream<Submission>.makeStream()

    /// A backend that answers every request by a script, or leaves its submissions to the test.
    init(
        _ script: (@Sendable (PreparedGeneration) throws(GenerationError) -> [GenerationEvent])? = nil,
        refusing refusal: @escaping @Sendable (PreparedGeneration) -> GenerationError? = { _ in nil }
    ) {
        self.script = script
        self.refusal = refusal
    }

    /// The next request that reaches the engine.
    func nextSubmission() async -> Submission? {
        for await submission in submitted.stream { return submission }
        return nil
    }

    func prepare(_ request: GenerationRequest) async throws(GenerationError) -> PreparedGeneration {
        let text: String?
        var tokens: [Int32]
        switch request.prompt {
        case .text(let prompt):
            text = prompt
            tokens = Self.tokens(prompt, withBOS: request.addSpecialTokens ?? true)
        case .tokens(let ids):
            text = nil
            tokens = ids
        case .chat(let chat):
            let rendered = try render(chat)
            text = rendered
            tokens = Self.tokens(rendered, withBOS: request.addSpecialTokens ?? false)
        }
        if let last = request.truncatePromptTokens { tokens = tokens.suffix(last) }
        guard !tokens.isEmpty else { throw .emptyPrompt }
        guard tokens.count < maxSequenceLength else {
            throw .promptTooLong(promptTokens: tokens.count, limit: maxSequenceLength)
        }
        return PreparedGeneration(
            request: request,
            promptTokens: tokens,
            promptText: text,
            maxTokens: min(request.maxTokens ?? .max, maxSequenceLength - tokens.count),
            seed: request.sampling.seed ?? 4242,
        )
    }

    func submit(_ prepared: PreparedGeneration) throws(GenerationError) -> GenerationStream {
        if let script {
            let source = ReadySource(events: try script(prepared))
            return GenerationStream { source }
        }
        if let error = refusal(prepared) { throw error }
        let (stream, continuation) = AsyncStream<Result<GenerationEvent, GenerationError>>.makeStream()
        submitted.continuation.yield(Submission(prepared, continuation))
        return GenerationStream(stream)
    }

    func render(_ chat: ChatPrompt) throws(GenerationError) -> String {
        guard chat.template != "none" else { throw .noChatTemplate }
        let messages = chat.messages.map { "[\($0["role"]?.stringValue ?? "")]\($0["content"]?.stringValue ?? "")" }
        let tools = (chat.tools ?? []).compactMap { $0["function"]?["name"]?.stringValue }
        return (messages + tools).joined()
    }

    func tokenize(
        _ prompt: GenerationPrompt,
        addSpecialTokens: Bool?,
        parseSpecialTokens: Bool,
    ) async throws(GenerationError) -> [Int32] {
        switch prompt {
        case .text(let text): Self.tokens(text, withBOS: addSpecialTokens ?? true)
        case .chat(let chat): Self.tokens(try render(chat), withBOS: addSpecialTokens ?? false)
        case .tokens(let tokens): tokens
        }
    }

    private static func tokens(_ text: String, withBOS: Bool) -> [Int32] {
        (withBOS ? [999] : []) + text.utf8.map { Int32($0) }
    }

    func detokenize(_ tokens: [Int32], skipSpecialTokens: Bool) throws(GenerationError) -> String {
        tokens.map {
            $0 == 999
                ? (skipSpecialTokens ? "" : "<s>") : String(decoding: [UInt8(truncatingIfNeeded: $0)], as: UTF8.self)
        }
        .joined()
    }
}

/// Events that are all there from the start, as after a write to a slow client.
private struct ReadySource: GenerationEventSource, Sendable {
    private var events: [GenerationEvent]

    init(events: [GenerationEvent]) { self.events = events }

    mutating func nextBatch(isolation actor: isolated (any Actor)?) async throws(GenerationError) -> [GenerationEvent] {
        defer { events = [] }
        return events
    }
}

extension GenerationEvent {
    /// A piece of one token per character.
    static func text(
        _ text: String,
        choice: Int = 0,
        count: Int,
        finish: GenerationFinish? = nil,
        scores: Bool = false
    ) -> Self {
        let tokens = text.utf8.map { Int32($0) }
        let reports = tokens.map { token in
            let score = TokenScore(id: token, bytes: [UInt8(token)], logProbability: -0.5)
            return TokenReport(chosen: score, top: [score])
        }
        let piece = GenerationPiece(
            choice: choice,
            text: text,
            tokens: tokens,
            reports: scores ? reports : [],
            finish: finish,
        )
        return .piece(piece, completionTokens: count)
    }

    /// A piece of so many bytes without tokens.
    static func large(_ bytes: Int, count: Int = 1, finish: GenerationFinish? = nil) -> Self {
        let text = String(repeating: "x", count: bytes)
        return .piece(GenerationPiece(choice: 0, text: text, finish: finish), completionTokens: count)
    }

    /// The end of the first choice, alone, after so many tokens.
    static func end(_ reason: FinishReason, count: Int = 0) -> Self {
        .piece(GenerationPiece(choice: 0, deltas: [], finish: GenerationFinish(reason)), completionTokens: count)
    }
}
