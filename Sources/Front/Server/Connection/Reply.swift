package import HTTPTypes
import NIOHTTP1
import OpenAIProtocol

/// A whole answer: status, header fields, body.
package struct Reply: Sendable {
    /// Its status.
    package var status: HTTPResponse.Status
    /// Its header fields.
    package var fields: HTTPFields
    /// Its body.
    package var body: [UInt8]

    /// An answer with a body of some kind; none without a content type.
    package init(_ status: HTTPResponse.Status = .ok, contentType: String?, body: [UInt8] = []) {
        self.status = status
        self.body = body
        fields = [.server: "trtllm-serve", .date: DateField.now(), .contentLength: String(body.count)]
        fields[.contentType] = contentType
    }

    /// An answer of JSON.
    package init(json body: [UInt8]) { self.init(contentType: "application/json", body: body) }

    init(error: ErrorBody, as shape: ErrorShape = .openAI) {
        self.init(
            HTTPResponse.Status(code: error.status),
            contentType: "application/json",
            body: shape.body(error),
        )
    }

    init(_ status: HTTPResponse.Status, text: String) {
        self.init(status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }

    /// The answer to what can't be read as HTTP.
    init(_ error: HTTPParserError) {
        let isTooLong = error == .headerOverflow
        let message = isTooLong ? HeadLimits.message : "the request isn't valid HTTP: \(error)"
        self.init(
            error: ErrorBody(
                status: isTooLong ? 431 : 400,
                message: message,
                type: isTooLong ? "RequestHeaderFieldsTooLargeError" : "BadRequestError",
            )
        )
    }

    /// Its first part.
    var head: HTTPResponse { HTTPResponse(status: status, headerFields: fields) }

    /// The same, telling the client that the connection ends with it.
    var closing: Reply { with(.connection, "close") }

    /// The same, with one more header field.
    package func with(_ name: HTTPField.Name, _ value: String) -> Reply {
        var reply = self
        reply.fields[name] = value
        return reply
    }

    /// The header fields of a JSON body that is written piece by piece.
    static var jsonStreamFields: HTTPFields {
        [.server: "trtllm-serve", .date: DateField.now(), .contentType: "application/json"]
    }

    /// The header fields of a stream of events.
    static var eventStreamFields: HTTPFields {
        [
            .server: "trtllm-serve", .date: DateField.now(), .contentType: "text/event-stream; charset=utf-8",
            .cacheControl: "no-cache", .accelBuffering: "no",
        ]
    }
}

extension HTTPField.Name {
    /// The seed used, the request's or the one drawn for it: sent back as `seed`, it repeats the answer.
    static let seed = known("x-seed")
    /// The name of a request in its answer and in the log.
    static let requestID = known("x-request-id")
    /// Asks nginx not to collect a stream.
    static let accelBuffering = known("x-accel-buffering")

    private static func known(_ name: String) -> HTTPField.Name {
        guard let field = HTTPField.Name(name) else { preconditionFailure("\(name) isn't a header field's name") }
        return field
    }
}
