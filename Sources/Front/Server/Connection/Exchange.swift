import HTTPTypes
import NIOHTTP1
import OpenAIProtocol

/// One request and its answer on a connection: what of the request's head shapes the answer's, and how far both are.
struct Exchange {
    /// `x-request-id` of both.
    let id: String
    /// The request's method.
    let method: HTTPMethod?
    private let version: HTTPVersion
    private let origin: String?
    /// The answer has no body.
    let isHead: Bool
    /// The request asked whether to send its body.
    let awaitsContinue: Bool
    private(set) var keepsConnection: Bool

    var isRequestEnded = false
    var isAnswerBegun = false
    var isAnswerEnded = false
    /// What the request named, for metrics and for errors.
    var target: Target?
    /// Set while a task works on the request.
    var presence: ClientPresence?

    init(_ head: HTTPRequestHead) {
        let tokens = head.headers[canonicalForm: "connection"].map { $0.lowercased() }
        id = RequestID.taken(over: head.headers.first(name: "x-request-id"))
        version = head.version == .http1_0 ? .http1_0 : .http1_1
        origin = head.headers.first(name: "origin")
        isHead = head.method == .HEAD
        method = head.method
        awaitsContinue =
            head.version != .http1_0
            && head.headers[canonicalForm: "expect"].contains { $0.lowercased() == "100-continue" }
        // What follows a request for another protocol would not be read as HTTP.
        let changesProtocol = head.method == .CONNECT || head.headers.contains(name: "upgrade")
        let isAsked = version == .http1_1 ? !tokens.contains("close") : tokens.contains("keep-alive")
        keepsConnection = isAsked && !tokens.contains("close") && !changesProtocol
    }

    /// The exchange of a request whose head couldn't be read.
    init(unreadable: Void) {
        id = RequestID.taken(over: nil)
        version = .http1_1
        origin = nil
        method = nil
        isHead = false
        awaitsContinue = false
        keepsConnection = false
    }

    /// How an error of the request looks.
    var errors: ErrorShape { target?.errors ?? .openAI }

    /// Has the connection end with the answer.
    mutating func endConnection() { keepsConnection = false }

    /// The answer's head as it is written: with what concerns the connection and the browser.
    mutating func head(of response: HTTPResponse, hosts: HostRule) -> HTTPResponseHead {
        var fields = response.headerFields
        fields[.requestID] = id
        addCrossOrigin(to: &fields, hosts)
        // Without a length the end of an older client's answer is the end of the connection.
        if version == .http1_0, fields[.contentLength] == nil { keepsConnection = false }
        if tokens(fields[.connection]).contains("close") { keepsConnection = false }
        if !keepsConnection {
            fields[.connection] = "close"
        } else if version == .http1_0 {
            fields[.connection] = "keep-alive"
        }
        return HTTPResponseHead(
            version: version,
            status: HTTPResponseStatus(
                statusCode: response.status.code,
                reasonPhrase: response.status.reasonPhrase
            ),
            headers: HTTPHeaders(fields.map { ($0.name.rawName, $0.value) }),
        )
    }

    private func tokens(_ value: String?) -> [String] {
        (value ?? "").split(separator: ",").map { $0.trimmingSpaces.lowercased() }
    }

    private func addCrossOrigin(to fields: inout HTTPFields, _ hosts: HostRule) {
        if hosts.variesByOrigin { fields[.vary] = "origin" }
        guard let origin, let allowed = hosts.allowedOrigin(origin) else { return }
        fields[.accessControlAllowOrigin] = allowed
        fields[.accessControlExposeHeaders] = "x-request-id, x-seed, retry-after"
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
