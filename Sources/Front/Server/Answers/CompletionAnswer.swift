import Engine
import Generation
import HTTPTypes
import OpenAIProtocol
import RequestParameters

extension Responder {
    /// Answers a completion: everything that can be refused is refused before the first byte, for all prompts.
    func completionAnswer(_ request: CompletionRequest, _ model: ServingModel) async throws -> Answer {
        let stopwatch = RequestStopwatch(metrics: metrics, now: model.clock.monotonicSeconds)
        let prepared = try await Self.prepare(request, model.backend)
        let size = try PromptReportSize(
            request,
            prepared,
            vocabularySize: model.backend.vocabularySize,
            limit: configuration.limits.logitBytes,
        )
        let loan = try await borrow(size)
        var echoed: [EchoedPrompt] = []
        if request.echo {
            for prompt in prepared { echoed.append(try await EchoedPrompt(prompt, backend: model.backend)) }
        }
        let identity = ResponseIdentity(
            prefix: "cmpl-",
            created: Int(model.clock.wallSeconds()),
            model: request.model,
            fingerprint: model.fingerprint,
        )
        var streams: [GenerationStream] = []
        for prompt in prepared { streams.append(try model.backend.submit(prompt)) }
        let seed = prepared.first?.seed ?? 0
        let parts = CompletionParts(request, prepared: prepared, echoed: echoed)
        if request.stream.isStreamed {
            var fields = Reply.eventStreamFields
            fields[.seed] = String(seed)
            let answer = AnswerStream(
                streams: streams,
                chunks: CompletionChunks(parts, request: request, identity: identity),
                includesUsage: request.stream.includeUsage,
                stopwatch: stopwatch,
                loan: loan,
            )
            return .stream(fields, answer)
        }
        let (choices, usage) = try await Self.collect(parts, streams, stopwatch)
        let response = CompletionResponse(
            identity: identity,
            choices: choices,
            usage: usage,
            seed: seed,
        )
        if request.returnContextLogits {
            var fields = Reply.jsonStreamFields
            fields[.seed] = String(seed)
            return .stream(fields, CompletionBody(response: response, loan: loan))
        }
        defer { withExtendedLifetime(loan) {} }
        return .whole(Reply(json: await response.serialized()).with(.seed, String(seed)))
    }

    /// Memory for what an answer holds of its prompts; little is always there.
    func borrow(_ size: PromptReportSize) async throws -> ByteBudget.Loan? {
        size.bytes > 1 << 20 ? try await reportMemory.borrow(size.bytes) : nil
    }

    /// All prompts, with one seed: the request's, or the one drawn for the first.
    private static func prepare(
        _ request: CompletionRequest,
        _ backend: any GenerationBackend,
    ) async throws(GenerationError) -> [PreparedGeneration] {
        var prepared: [PreparedGeneration] = []
        // What all prompts share, such as compiled stop strings, is made once.
        var generation = try GenerationRequest(request, backend: backend)
        generation.group = .random(in: 0 ... .max)
        for prompt in request.prompts {
            generation.prompt = try GenerationPrompt(prompt, backend: backend)
            generation.sampling.seed = generation.sampling.seed ?? prepared.first?.seed
            prepared.append(try await backend.prepare(generation))
        }
        return prepared
    }

    private static func collect(
        _ parts: CompletionParts,
        _ streams: [GenerationStream],
        _ stopwatch: RequestStopwatch,
    ) async throws -> ([CompletionResponse.Choice], Usage) {
        var parts = parts
        var stopwatch = stopwatch
        var choices = Array(repeating: CompletionResponse.Choice(), count: parts.choiceCount)
        try await EventBatches.read(streams) { batch in
            for (prompt, event) in batch {
                stopwatch.note(event)
                if case .contextLogits(let rows) = event {
                    for choice in parts.choices(of: prompt) { choices[choice].contextLogits = rows }
                }
                guard let part = parts.take(event, prompt: prompt) else { continue }
                choices[part.choice].text += part.text
                if let ids = part.tokenIDs {
                    choices[part.choice].tokenIDs = (choices[part.choice].tokenIDs ?? []) + ids
                }
                if let scores = part.scores {
                    choices[part.choice].scores = (choices[part.choice].scores ?? []) + scores
                }
                choices[part.choice].finish = part.finish
            }
        }
        stopwatch.finish()
        return (choices, parts.usage)
    }
}
