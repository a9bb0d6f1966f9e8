import Engine
import Generation
import OpenAIProtocol

extension Endpoint {
    /// Chats.
    static let chatCompletions = Endpoint(
        post: "/v1/chat/completions",
        name: "createChatCompletion",
        "Answers a chat.",
        answers: [.choices("the answer"), .events],
        errors: .openAI(promptField: "messages"),
    ) { responder, request, model in try await responder.chatAnswer(request, model) }
}

extension Responder {
    /// Answers a chat: everything that can be refused is refused before the first byte.
    func chatAnswer(_ request: ChatCompletionRequest, _ model: ServingModel) async throws -> Answer {
        let prepared = try await prepare(request, model)
        let identity = ResponseIdentity(
            prefix: "chatcmpl-",
            requestID: request.reports.requestID,
            created: Int(model.clock.wallSeconds()),
            model: request.model,
            fingerprint: model.fingerprint,
        )
        return try await answer(prepared, in: ChatDialect(request, identity: identity, prepared.generations[0]), model)
    }

    /// The generation of a chat, in whichever dialect it came.
    func prepare(_ request: ChatCompletionRequest, _ model: ServingModel) async throws -> PreparedAnswer {
        let stopwatch = stopwatch(model)
        var generation = try GenerationRequest(request, backend: model.backend)
        generation.adapter = try await adapter(request.model, request.sampling.adapter, model)
        let prepared = try await model.backend.prepare(generation)
        let size = try ReportSize(request, prepared, limit: configuration.limits.logitBytes)
        return PreparedAnswer(
            generations: [prepared],
            isStreamed: request.stream.isStreamed,
            stopwatch: stopwatch,
            loan: try await borrow(size),
        )
    }

    /// Memory for what an answer holds beside its output; little is always there.
    func borrow(_ size: ReportSize) async throws -> ByteBudget.Loan? {
        size.bytes > 1 << 20 ? try await reportMemory.borrow(size.bytes) : nil
    }
}
