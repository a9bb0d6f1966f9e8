import Generation
import HTTPTypes
import NIOHTTP1
import OpenAIProtocol

/// What a request's line names: a path, the endpoints there, and how errors look that have no endpoint of their own.
struct Target: Sendable {
    var authority: String?
    var path: Substring
    var query: Substring
    var match: EndpointTable.Match?

    var errors: ErrorShape { match?.errors ?? .openAI }
}

/// What becomes of a request, decided by its head alone.
extension Responder {
    /// Work for a task, once the body has arrived.
    struct Work {
        var endpoint: Endpoint
        var call: Call
        var model: ServingModel?
        var ticket: RequestTicket
    }

    enum Verdict {
        /// Answered on the event loop, without waiting for anything.
        case reply(Reply)
        case work(Work)
    }

    /// What a request's line names.
    func target(of head: HTTPRequestHead) -> Target {
        let named = RequestTarget(head.uri)
        let end = named.path.firstIndex { $0 == "?" || $0 == "#" } ?? named.path.endIndex
        let query = named.path[end...].dropFirst().prefix { $0 != "#" }
        let path = named.path[..<end]
        return Target(authority: named.authority, path: path, query: query, match: endpoints.match(path))
    }

    /// Refuses, answers what costs nothing, and admits what is to be worked on.
    func verdict(on head: HTTPRequestHead, for target: Target) -> Verdict {
        if let refusal = refusal(ofSender: head, target) { return .reply(refusal) }
        guard let match = target.match else { return .reply(notFound(target.path)) }
        if head.method == .OPTIONS { return .reply(preflightReply(head, match)) }
        guard let endpoint = match.endpoint(for: head.method) else {
            return .reply(wrongMethod(head, match, target.path))
        }
        let owner = keys.owner(of: head.headers)
        if endpoint.access == .key, owner == nil {
            return .reply(keys.refusal(head.headers, endpoint.errors))
        }
        let call = Call(names: match.names, query: String(target.query), owner: owner)
        // Asking for its head only doesn't empty the queue.
        if endpoint.drains, head.method == .HEAD { return .reply(Reply(json: Array("[]".utf8))) }
        switch endpoint.work {
        case .atOnce(let reply): return .reply(reply(self, call))
        case .task:
            let ticket = RequestTicket(admittedTo: nil, pending: pending)
            return .work(Work(endpoint: endpoint, call: call, ticket: ticket))
        case .model: return admit(endpoint, call)
        }
    }

    private func admit(_ endpoint: Endpoint, _ call: Call) -> Verdict {
        do throws(ServingState.Refusal) {
            let model = try state.admit()
            let ticket = RequestTicket(admittedTo: state, pending: pending)
            return .work(Work(endpoint: endpoint, call: call, model: model, ticket: ticket))
        } catch {
            return .reply(refusal(error, as: endpoint.errors))
        }
    }

    /// What a request without a model to serve it, or at the end, is answered.
    func refusal(_ refusal: ServingState.Refusal, as errors: ErrorShape = .openAI) -> Reply {
        switch refusal {
        case .loading(let progress):
            let message = "the model isn't loaded yet: \(progress)"
            let error = ErrorBody(status: 503, message: message, type: "ServiceUnavailableError")
            return Reply(error: error, as: errors).with(.retryAfter, String(configuration.retryAfter))
        case .draining:
            let error = ErrorBody(.shuttingDown)
            return Reply(error: error, as: errors).with(.retryAfter, String(configuration.retryAfter)).closing
        }
    }

    private func notFound(_ path: Substring) -> Reply {
        let message = "there is nothing at \(path.prefix(Self.shownLength))"
        return Reply(error: .init(status: 404, message: message, type: "NotFoundError", detail: "Not Found"))
    }

    private func wrongMethod(_ head: HTTPRequestHead, _ match: EndpointTable.Match, _ path: Substring) -> Reply {
        let allowed = match.methods.joined(separator: ", ")
        let method = head.method.rawValue.prefix(Self.shownLength)
        let error = ErrorBody(
            status: 405,
            message: "\(path.prefix(Self.shownLength)) takes \(allowed), not \(method)",
            type: "MethodNotAllowedError",
            detail: "Method Not Allowed",
        )
        return Reply(error: error, as: match.errors).with(.allow, allowed)
    }

    /// Most characters of what a client sent that a message repeats.
    static let shownLength = 64
}
