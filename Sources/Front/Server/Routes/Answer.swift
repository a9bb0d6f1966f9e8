import HTTPTypes
import Logging
import OpenAIProtocol

/// What a request that needs the model is answered with.
enum Answer: Sendable {
    /// At once.
    case whole(Reply)
    /// In events.
    case stream(HTTPFields, AnswerStream)

    init(_ error: ErrorBody, retryAfter: Int) {
        let reply = Reply(error: error)
        let isTemporary = error.status == 429 || error.status == 503
        self = .whole(isTemporary ? reply.with(.retryAfter, String(retryAfter)) : reply)
    }
}

extension Responder {
    /// Does the work of a request; every failure becomes an answer.
    func answer(to resource: Resource, body: [UInt8], model: ServingModel?) async -> Answer {
        guard let model else { return .whole(metricsReply()) }
        do {
            let body = try RequestBody.parse(body)
            return switch resource {
            case .chatCompletions:
                try await chatAnswer(ChatCompletionRequest(body, limits: configuration.limits), model)
            case .completions: try await completionAnswer(CompletionRequest(body, limits: configuration.limits), model)
            case .tokenize: .whole(try await tokenizeReply(TokenizeRequest(body), model))
            default: .whole(try detokenizeReply(DetokenizeRequest(body), model))
            }
        } catch {
            let body = ErrorBody(any: error)
            if body.status >= 500, !Task.isCancelled { logger.error("a request failed: \(body.message)") }
            return Answer(body, retryAfter: configuration.retryAfter)
        }
    }
}
