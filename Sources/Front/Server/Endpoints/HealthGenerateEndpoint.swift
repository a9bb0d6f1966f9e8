import Generation
import HTTPTypes
import OpenAIProtocol
import OrderedJSON
import RequestParameters

extension Endpoint {
    /// Whether the model answers.
    static let healthGenerate = Endpoint(
        .get,
        PathPattern("/health_generate"),
        name: "healthGenerate",
        "Whether the model makes a token, or an embedding if that is what it makes.",
        answers: [DescribedAnswer("it does", .text("text/plain"))],
        .model { responder, _, model in .whole(await responder.healthGenerateReply(model)) },
    )
}

extension Responder {
    /// 200 and a sentence, or 500 and what went wrong.
    func healthGenerateReply(_ model: ServingModel) async -> Reply {
        do {
            try await Self.tryOut(model)
            return Reply(.ok, text: "Generation health check OK")
        } catch {
            let message = ErrorBody(any: error, promptField: "prompt").message
            return Reply(.internalServerError, text: "Generation health check failed: \(message)")
        }
    }

    /// Has one token made of a chat, or of a text where the model has no template.
    private static func tryOut(_ model: ServingModel) async throws {
        let text = GenerationPrompt.text("hi")
        let chat = GenerationPrompt.chat(ChatPrompt(messages: [["role": "user", "content": "hi"]]))
        do throws(GenerationError) {
            try await makeToken(chat, model)
        } catch {
            switch error {
            case .noChatTemplate, .template: try await makeToken(text, model)
            case .cannotGenerate: _ = try await model.embed?(GenerationRequest(prompt: text))
            default: throw error
            }
        }
    }

    private static func makeToken(_ prompt: GenerationPrompt, _ model: ServingModel) async throws(GenerationError) {
        var request = GenerationRequest(prompt: prompt)
        request.maxTokens = 1
        request.sampling.temperature = 0
        let stream = try model.backend.submit(try await model.backend.prepare(request))
        for try await _ in stream {}
    }
}
