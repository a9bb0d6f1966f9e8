internal import NIOCore
internal import NIOHTTP1
internal import OrderedJSON

/// One HTTP request and who waits for its answer.
struct ServerCall: Sendable {
    let method: HTTPMethod
    /// The path, with the server's prefix.
    let path: String
    let body: ByteBuffer?
    let answer: EventLoopPromise<ServerAnswer>
}

/// What came back.
struct ServerAnswer: Sendable {
    /// Begun when the request was written.
    var times: RequestTimes
    var status = 0
    /// Whether the body is a stream of events; it is then only scanned.
    var isEventStream = false
    /// What the scanner found.
    var completionTokens: Int?
    var failure: String?
    var isDone = false
    /// The body, when it isn't a stream of events, as far as `longestBody`.
    var body: [UInt8] = []

    /// Bytes of a body that are kept: enough for any list of models or message.
    static let longestBody = 1 << 20

    /// The message of an error's body, or the start of its text.
    var message: String {
        let text = String(decoding: body.prefix(300), as: UTF8.self)
        guard let json = try? JSONParser.parse(body) else { return text }
        return (json["error"]?["message"] ?? json["message"] ?? json["error"])?.stringValue ?? text
    }
}
