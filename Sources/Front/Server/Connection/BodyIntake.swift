import HTTPTypes
import NIOCore
import OpenAIProtocol

/// Collects the body of one request, up to the limits.
struct BodyIntake {
    /// Why a body isn't taken.
    enum Refusal: Error {
        /// It is larger than one body may be.
        case tooLarge(limit: Int)
        /// All bodies together are too large.
        case tooMany(limit: Int)
    }

    let endpoint: Endpoint
    private let call: Call
    let model: ServingModel?
    let ticket: RequestTicket
    /// Most bytes.
    let limit: Int

    init(_ work: Responder.Work, limit: Int) {
        endpoint = work.endpoint
        call = work.call
        model = work.model
        ticket = work.ticket
        self.limit = limit
    }

    /// Refuses a body by the length that its head announces, before any of it is read.
    func check(announced: Int?) throws(Refusal) {
        if let announced, announced > limit { throw .tooLarge(limit: limit) }
    }

    /// Appends a part.
    func append(_ part: ByteBuffer) throws(Refusal) {
        guard part.readableBytes <= limit - ticket.bodyCount else { throw .tooLarge(limit: limit) }
        guard ticket.append(part) else { throw .tooMany(limit: ticket.limit) }
    }

    /// The request, all of which has arrived.
    func received(from client: Client, id: String) -> ReceivedRequest {
        var call = call
        call.id = id
        return ReceivedRequest(endpoint: endpoint, call: call, model: model, client: client, ticket: ticket)
    }
}

extension Reply {
    /// The answer to a body that isn't taken.
    init(_ refusal: BodyIntake.Refusal, as errors: ErrorShape, retryAfter: Int) {
        switch refusal {
        case .tooLarge(let limit):
            let message = "the request body is larger than \(limit) bytes, which is the limit"
            self.init(error: ErrorBody(status: 413, message: message, type: "RequestTooLargeError"), as: errors)
        case .tooMany(let limit):
            let message = "the bodies of all requests together are larger than \(limit) bytes, which is the limit"
            let error = ErrorBody(status: 503, message: message, type: "ServiceUnavailableError")
            self = Reply(error: error, as: errors)
                .with(.retryAfter, String(retryAfter))
        }
    }
}
