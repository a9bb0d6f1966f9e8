package import HTTPTypes
import OpenAIProtocol

/// What a request is answered with.
package enum Answer: Sendable {
    /// At once.
    case whole(Reply)
    /// In pieces.
    case stream(HTTPFields, any AnswerBody)

    init(_ error: ErrorBody, as shape: ErrorShape, retryAfter: Int) {
        let reply = Reply(error: error, as: shape)
        let isTemporary = error.status == 429 || error.status == 503
        self = .whole(isTemporary ? reply.with(.retryAfter, String(retryAfter)) : reply)
    }
}
