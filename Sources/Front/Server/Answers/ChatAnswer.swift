import Engine
import Generation
import HTTPTypes
import OpenAIProtocol

extension Responder {
    /// Answers a chat: everything that can be refused is refused before the first byte.
    func chatAnswer(_ request: ChatCompletionRequest, _ model: ServingModel) async throws -> Answer {
        var stopwatch = RequestStopwatch(metrics: metrics, now: model.clock.monotonicSeconds)
        let generation = try GenerationRequest(request, backend: model.backend)
        let size = try PromptReportSize(request, limit: configuration.limits.logitBytes)
        let prepared = try await model.backend.prepare(generation)
        let loan = try await borrow(size)
        let identity = ResponseIdentity(
            prefix: "chatcmpl-",
            created: Int(model.clock.wallSeconds()),
            model: request.model,
            fingerprint: model.fingerprint,
        )
        let stream = try model.backend.submit(prepared)
        let tracker = ChoiceTracker(
            prompts: 1,
            choicesPerPrompt: request.sampling.n,
            promptTokens: prepared.promptTokens.count,
        )
        if request.stream.isStreamed {
            var fields = Reply.eventStreamFields
            fields[.seed] = String(prepared.seed)
            let answer = AnswerStream(
                streams: [stream],
                chunks: ChatChunks(request, identity: identity, tracker: tracker),
                includesUsage: request.stream.includeUsage,
                stopwatch: stopwatch,
                loan: loan,
            )
            return .stream(fields, answer)
        }
        defer { withExtendedLifetime(loan) {} }
        let (choices, usage) = try await Self.collect(request, stream, tracker, &stopwatch)
        let response = ChatCompletionResponse(
            identity: identity,
            role: request.replyRole,
            choices: choices,
            usage: usage,
            seed: prepared.seed,
        )
        return .whole(Reply(json: response.serialized).with(.seed, String(prepared.seed)))
    }

    private static func collect(
        _ request: ChatCompletionRequest,
        _ stream: GenerationStream,
        _ tracker: ChoiceTracker,
        _ stopwatch: inout RequestStopwatch,
    ) async throws -> ([ChatCompletionResponse.Choice], Usage) {
        var tracker = tracker
        var choice = ChatCompletionResponse.Choice()
        choice.text = request.echoedText ?? ""
        choice.scores = request.logProbabilities.map { _ in [] }
        var choices = Array(repeating: choice, count: tracker.choiceCount)
        for try await event in stream {
            stopwatch.note(event)
            guard let part = tracker.take(event, prompt: 0) else { continue }
            for delta in part.piece.deltas { choices[part.choice].append(ChatDelta(delta)) }
            choices[part.choice].scores?.append(contentsOf: part.piece.reports.map { TokenScores($0) })
            choices[part.choice].finish = part.finish
        }
        stopwatch.finish()
        return (choices, tracker.usage)
    }
}

/// The chunks of a streamed chat.
struct ChatChunks: ChunkSource {
    private let writer: ChatChunkWriter
    private let role: String
    private let echoedText: String?
    private let hasScores: Bool
    private let showsRunningUsage: Bool
    private var tracker: ChoiceTracker
    private var hasBegun = false

    init(_ request: ChatCompletionRequest, identity: ResponseIdentity, tracker: ChoiceTracker) {
        writer = ChatChunkWriter(identity)
        role = request.replyRole
        echoedText = request.echoedText
        hasScores = request.logProbabilities != nil
        showsRunningUsage = request.stream.continuousUsage
        self.tracker = tracker
    }

    private var runningUsage: Usage? { showsRunningUsage ? tracker.usage : nil }

    mutating func append(_ event: GenerationEvent, prompt: Int, to bytes: inout [UInt8]) {
        let part = tracker.take(event, prompt: prompt)
        if !hasBegun { begin(to: &bytes) }
        guard let part else { return }
        var deltas = part.piece.deltas.map { ChatDelta($0) }
        // A chunk without anything would say nothing; an end or scores need one.
        if deltas.isEmpty {
            if part.finish == nil, part.piece.reports.isEmpty { return }
            deltas = [.content("")]
        }
        for (index, delta) in deltas.enumerated() {
            writer.append(
                delta,
                choice: part.choice,
                scores: hasScores && index == 0 ? part.piece.reports.map { TokenScores($0) } : nil,
                finish: index == deltas.count - 1 ? part.finish : nil,
                usage: runningUsage,
                to: &bytes,
            )
        }
    }

    private mutating func begin(to bytes: inout [UInt8]) {
        hasBegun = true
        var usage = runningUsage
        usage?.completionTokens = 0
        for choice in 0..<tracker.choiceCount {
            writer.append(role: role, choice: choice, usage: usage, to: &bytes)
            if let echoedText { writer.append(echo: echoedText, choice: choice, usage: usage, to: &bytes) }
        }
    }

    func appendUsage(to bytes: inout [UInt8]) { writer.append(finalUsage: tracker.usage, to: &bytes) }
}
