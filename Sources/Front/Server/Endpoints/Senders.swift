import HTTPTypes
import NIOHTTP1
import OpenAIProtocol

/// Who may send requests, and what browsers are told about it.
extension Responder {
    /// The answer to a request that names a foreign host or comes from a foreign page; `nil` for all others.
    func refusal(ofSender head: HTTPRequestHead, _ target: Target) -> Reply? {
        let authority = target.authority
        let named = head.headers["host"]
        guard named.count <= 1, !named.isEmpty || head.version == .http1_0 else {
            let message = "a request has one Host, but this has \(named.count)"
            return Reply(error: ErrorBody(status: 400, message: message, type: "BadRequestError"), as: target.errors)
        }
        for host in [named.first, authority].compactMap({ $0 }) where !hosts.allows(host: host) {
            return foreign("Host", host, "--allowed_hosts", target.errors)
        }
        let origins = head.headers["origin"]
        for origin in origins where origins.count > 1 || !hosts.allows(origin: origin, host: authority ?? named.first) {
            return foreign("Origin", origin, "--cors_origins", target.errors)
        }
        return nil
    }

    private func foreign(_ field: String, _ value: String, _ option: String, _ errors: ErrorShape) -> Reply {
        let message = "\(field) is \(value.prefix(Self.shownLength)), which isn't this server; \(option) can allow it"
        return Reply(error: ErrorBody(status: 403, message: message, type: "PermissionDeniedError"), as: errors)
    }

    /// The answer to OPTIONS: which methods there are, and for a browser what its page may send.
    func preflightReply(_ head: HTTPRequestHead, _ match: EndpointTable.Match) -> Reply {
        let methods = match.methods.joined(separator: ", ")
        let reply = Reply(.noContent, contentType: nil).with(.allow, methods)
        guard let origin = head.headers.first(name: "origin"), hosts.allowedOrigin(origin) != nil else { return reply }
        let asked = head.headers["access-control-request-headers"].joined(separator: ", ")
        return
            reply
            .with(.accessControlAllowMethods, methods)
            .with(
                .accessControlAllowHeaders,
                asked.isEmpty ? "authorization, content-type, x-api-key, x-request-id" : asked
            )
            .with(.accessControlMaxAge, "600")
    }
}
