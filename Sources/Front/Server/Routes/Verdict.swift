import Generation
import HTTPTypes
import NIOHTTP1
import OpenAIProtocol

/// What becomes of a request, decided by its head alone.
extension Responder {
    /// Work for a task, once the body has arrived.
    struct Work {
        var resource: Resource
        var model: ServingModel?
        var ticket: RequestTicket
    }

    enum Verdict {
        /// Answered on the event loop, without waiting for anything.
        case reply(Reply)
        case work(Work)
    }

    /// Refuses, answers what costs nothing, and admits what is to be worked on.
    func verdict(on head: HTTPRequestHead) -> Verdict {
        let target = RequestTarget(head.uri)
        if let refusal = refusal(ofSender: head, authority: target.authority) { return .reply(refusal) }
        guard let resource = Resource(path: target.path) else { return .reply(notFound(target.path)) }
        if head.method == .OPTIONS { return .reply(preflightReply(head, resource)) }
        guard resource.methods.contains(head.method) else { return .reply(wrongMethod(head, resource, target.path)) }
        switch resource {
        case .health: return .reply(healthReply())
        case .version: return .reply(versionReply())
        case .models: return .reply(modelsReply())
        case .model(let id): return .reply(modelReply(id))
        case .prometheusMetrics: return .reply(prometheusReply())
        // Asking for its head only doesn't empty the queue.
        case .metrics where head.method == .HEAD: return .reply(Reply(json: Array("[]".utf8)))
        case .metrics:
            return .work(Work(resource: resource, ticket: RequestTicket(admittedTo: nil, pending: pending)))
        case .completions, .chatCompletions, .tokenize, .detokenize: return admit(resource)
        }
    }

    private func admit(_ resource: Resource) -> Verdict {
        do throws(ServingState.Refusal) {
            let model = try state.admit()
            let ticket = RequestTicket(admittedTo: state, pending: pending)
            return .work(Work(resource: resource, model: model, ticket: ticket))
        } catch {
            return .reply(refusal(error))
        }
    }

    /// What a request without a model to serve it, or at the end, is answered.
    func refusal(_ refusal: ServingState.Refusal) -> Reply {
        switch refusal {
        case .loading(let progress):
            let message = "the model isn't loaded yet: \(progress)"
            return Reply(error: ErrorBody(status: 503, message: message, type: "ServiceUnavailableError"))
                .with(.retryAfter, String(configuration.retryAfter))
        case .draining:
            let error = ErrorBody(.shuttingDown)
            return Reply(error: error).with(.retryAfter, String(configuration.retryAfter)).closing
        }
    }

    private func notFound(_ path: String) -> Reply {
        let message = "there is nothing at \(path.prefix(Self.shownLength))"
        return Reply(error: .init(status: 404, message: message, type: "NotFoundError", detail: "Not Found"))
    }

    private func wrongMethod(_ head: HTTPRequestHead, _ resource: Resource, _ path: String) -> Reply {
        let allowed = resource.methods.map(\.rawValue).joined(separator: ", ")
        let method = head.method.rawValue.prefix(Self.shownLength)
        let error = ErrorBody(
            status: 405,
            message: "\(path.prefix(Self.shownLength)) takes \(allowed), not \(method)",
            type: "MethodNotAllowedError",
            detail: "Method Not Allowed",
        )
        return Reply(error: error).with(.allow, allowed)
    }

    /// Most characters of what a client sent that a message repeats.
    static let shownLength = 64
}
