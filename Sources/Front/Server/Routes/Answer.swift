import HTTPTypes
import Logging
import OpenAIProtocol

/// What a request that needs the model is answered with.
enum Answer: Sendable {
    /// At once.
    case whole(Reply)
    /// In pieces.
    case stream(HTTPFields, any AnswerBody)

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
            let limits = configuration.limits
            // The tree of the body is gone once the request has been read from it.
            return switch resource {
            case .chatCompletions:
                try await chatAnswer(ChatCompletionRequest(RequestBody.parse(body), limits: limits), model)
            case .completions:
                try await completionAnswer(CompletionRequest(RequestBody.parse(body), limits: limits), model)
            case .tokenize:
                .whole(try await tokenizeReply(TokenizeRequest(RequestBody.parse(body), limits: limits), model))
            default: .whole(try await detokenizeReply(DetokenizeRequest(RequestBody.parse(body)), model))
            }
        } catch {
            let body = ErrorBody(any: error, promptField: resource == .chatCompletions ? "messages" : "prompt")
            if !Task.isCancelled, body.status >= 500 { logger.error("a request failed: \(body.message)") }
            return Answer(body, retryAfter: configuration.retryAfter)
        }
    }
}
