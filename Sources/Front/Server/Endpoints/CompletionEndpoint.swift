import Engine
import Generation
import Models
import OpenAIProtocol
import RequestParameters

extension Endpoint {
    /// Completions of one or more prompts.
    static let completions = Endpoint(
        post: "/v1/completions",
        name: "createCompletion",
        "Continues prompts.",
        answers: [.choices("the answer"), .events],
    ) { responder, request, model in try await responder.completionAnswer(request, model) }
}

extension Responder {
    /// Answers a completion: everything that can be refused is refused before the first byte, for all prompts.
    func completionAnswer(_ request: CompletionRequest, _ model: ServingModel) async throws -> Answer {
        let stopwatch = stopwatch(model)
        let adapter = try await adapter(request.model, request.sampling.adapter, model)
        let generations = try await Self.prepare(request, model.backend, adapter)
        let size = try ReportSize(
            request,
            generations,
            vocabularySize: model.backend.vocabularySize,
            limit: configuration.limits.logitBytes,
        )
        let prepared = PreparedAnswer(
            generations: generations,
            isStreamed: request.stream.isStreamed,
            stopwatch: stopwatch,
            loan: try await borrow(size),
        )
        var echoed: [EchoedPrompt] = []
        if request.echo {
            let isNamed = request.reports.namesTokensByID
            for prompt in generations {
                echoed.append(try await EchoedPrompt(prompt, backend: model.backend, isNamed: isNamed))
            }
        }
        let identity = ResponseIdentity(
            prefix: "cmpl-",
            requestID: request.reports.requestID,
            created: Int(model.clock.wallSeconds()),
            model: request.model,
            fingerprint: model.fingerprint,
        )
        let dialect = CompletionDialect(request, identity: identity, prepared, echoed: echoed)
        return try await answer(prepared, in: dialect, model)
    }

    /// All prompts, with one seed: the request's, or the one drawn for the first.
    private static func prepare(
        _ request: CompletionRequest,
        _ backend: any GenerationBackend,
        _ adapter: Adapter?,
    ) async throws(GenerationError) -> [PreparedGeneration] {
        var prepared: [PreparedGeneration] = []
        // What all prompts share, such as compiled stop strings, is made once.
        var generation = try GenerationRequest(request, backend: backend)
        generation.adapter = adapter
        generation.group = .random(in: 0 ... .max)
        for prompt in request.prompts {
            generation.prompt = try GenerationPrompt(prompt, backend: backend)
            generation.sampling.seed = generation.sampling.seed ?? prepared.first?.seed
            prepared.append(try await backend.prepare(generation))
        }
        return prepared
    }
}
