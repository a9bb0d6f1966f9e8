import Generation
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import OpenAIProtocol

/// From a request to its answer: the one place that sees every request.
struct Responder: Sendable {
    let configuration: ServingConfiguration
    let state: ServingState
    let metrics: RequestMetrics
    let logger: Logger
    /// The memory that the answers share which hold much of their prompts.
    let reportMemory: ByteBudget

    /// Answers one request.
    ///
    /// - Throws: what makes the connection unusable; it is closed then.
    func respond(to request: Request, writer: consuming ResponseWriter, channel: any Channel) async throws {
        let reply: Reply
        switch Resource(path: request.head.path ?? "") {
        case nil:
            let message = "there is nothing at \(request.uri.path)"
            reply = .init(error: .init(status: 404, message: message, type: "NotFoundError", detail: "Not Found"))
        case .some(let resource) where resource.method != request.method:
            let message = "\(request.uri.path) takes \(resource.method.rawValue), not \(request.method.rawValue)"
            let error = ErrorBody(
                status: 405,
                message: message,
                type: "MethodNotAllowedError",
                detail: "Method Not Allowed",
            )
            reply = Reply(error: error).with(.allow, resource.method.rawValue)
        case .health: reply = healthReply()
        case .version: reply = versionReply()
        case .models: reply = modelsReply()
        case .model(let id): reply = modelReply(id)
        case .metrics: reply = metricsReply()
        case .prometheusMetrics: reply = prometheusReply()
        case .some(let resource): return try await work(on: resource, for: request, writer: writer, channel: channel)
        }
        try await send(reply, to: writer, for: request)
    }

    /// Answers a request that needs the model: taken only when the server is ready, counted until it is answered.
    private func work(
        on resource: Resource,
        for request: Request,
        writer: consuming ResponseWriter,
        channel: any Channel,
    ) async throws {
        let model: ServingModel
        do throws(ServingState.Refusal) {
            model = try state.admit()
        } catch {
            return try await send(refusal(error), to: writer, for: request)
        }
        defer { state.leave() }
        let body: [UInt8]
        switch try await request.body(limit: configuration.maxBodyBytes, writer: writer) {
        case .success(let bytes): body = bytes
        case .failure(let error): return try await send(Reply(error: error), to: writer, for: request)
        }
        do {
            try await answer(request, to: resource, body: body, model: model, writer: writer, channel: channel)
        } catch is ClientLeft {
            logger.debug("the client of \(request.uri.path) left; its request is cancelled")
            throw ClientLeft()
        }
    }

    /// Does the work for as long as the client is there.
    ///
    /// - Throws: `ClientLeft`, once the work has been cancelled.
    private func answer(
        _ request: Request,
        to resource: Resource,
        body: [UInt8],
        model: ServingModel,
        writer: consuming ResponseWriter,
        channel: any Channel,
    ) async throws {
        let presence = ClientPresence()
        presence.watch(channel)
        let answer = try await presence.whilePresent { await self.answer(to: resource, body: body, model: model) }
        switch answer {
        case .whole(let reply): try await send(reply, to: writer, for: request)
        case .stream(let fields, let stream):
            let head = HTTPResponse(status: .ok, headerFields: fields)
            // Only the child task touches the writer, and this one waits for it.
            let body = Handover(EventWriter(try await writer.writeHead(head)))
            try await presence.whilePresent { try await stream.write(to: body.value) }
        }
    }

    private func send(_ reply: Reply, to writer: consuming ResponseWriter, for request: Request) async throws {
        let body = request.method == .head ? ByteBuffer() : ByteBuffer(bytes: reply.body)
        let response = HTTPResponse(status: reply.status, headerFields: reply.fields)
        if body.readableBytes == 0 {
            try await writer.writeResponse(response)
        } else {
            try await writer.write(response: response, body: ResponseBody(byteBuffer: body))
        }
    }

    private func refusal(_ refusal: ServingState.Refusal) -> Reply {
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
}

/// Hands a value to the one task that uses it from then on.
private struct Handover<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}
