import Generation
import HTTPTypes
import Logging
import NIOCore
import OpenAIProtocol

/// From a request to its answer: the one place that sees every request.
package struct Responder: Sendable {
    let configuration: ServingConfiguration
    let endpoints: EndpointTable
    /// What `/openapi.json` answers.
    let description: [UInt8]
    let state: ServingState
    let metrics: RequestMetrics
    let hosts: HostRule
    let keys: KeyRule
    let pending: PendingBytes
    let threads: WorkThreads
    var logger: Logger
    /// Responses that can be had again.
    let responses: ResponseStore
    /// What is done while no client waits.
    let background: BackgroundWork
    /// Profiles of the engine.
    let profiling: Profiling
    /// The memory that the answers share which hold much of their prompts.
    let reportMemory: ByteBudget

    /// Answers a request that has arrived whole, for as long as its client is there.
    ///
    /// A failure to write ends the connection.
    func respond(to request: ReceivedRequest) async {
        var responder = self
        responder.logger[metadataKey: "request_id"] = "\(request.call.id)"
        do {
            try await responder.work(on: request)
        } catch is ClientLeft {
            responder.logger.debug("the client left; its request is cancelled")
            request.client.channel.close(promise: nil)
        } catch {
            responder.logger.debug("an answer couldn't be written: \(error)")
            request.client.channel.close(promise: nil)
        }
        // What the request holds is given back when its answer is written, not before.
        withExtendedLifetime(request.ticket) {}
    }

    private func work(on request: ReceivedRequest) async throws {
        let client = request.client
        switch try await client.presence.whilePresent({ await prepare(request) }) {
        case .whole(let reply):
            request.ticket.exchangeBody(forAnswerOf: reply.body.count)
            try await client.presence.whilePresent { try await client.send(reply) }
        case .stream(let fields, _) where client.wantsHead:
            var reply = Reply(contentType: nil)
            for field in fields { reply.fields[field.name] = field.value }
            try await client.send(.whole(reply))
        case .stream(let fields, let stream):
            request.ticket.exchangeBody(forAnswerOf: 0)
            do {
                try await client.presence.whilePresent {
                    try await client.send(.head(.init(status: .ok, headerFields: fields)))
                    try await stream.write(to: EventWriter(client))
                }
            } catch let error where Task.isCancelled && !(error is ClientLeft) {
                try await stream.end(with: ErrorBody(.shuttingDown), to: EventWriter(client))
            }
        }
    }

    /// The work before the first byte: away from the threads that write streams, large bodies away from small ones.
    private func prepare(_ request: ReceivedRequest) async -> Answer {
        let answer = await withTaskExecutorPreference(threads.executor(forBodyOf: request.ticket.bodyCount)) {
            await self.answer(request)
        }
        // An answer that was cut short by the end of the server isn't one.
        if case .whole = answer, Task.isCancelled { return .whole(refusal(.draining, as: request.endpoint.errors)) }
        return answer
    }

    /// Does the work of a request; every failure becomes an answer.
    private func answer(_ request: ReceivedRequest) async -> Answer {
        let endpoint = request.endpoint
        var call = request.call
        call.body = request.ticket.takeBody()
        do {
            switch (endpoint.work, request.model) {
            case (.atOnce(let reply), _): return .whole(reply(self, call))
            case (.task(let answer), _): return try await answer(self, call)
            case (.model(let answer), let model?): return try await answer(self, call, model)
            case (.model, nil): return .whole(refusal(.loading("loading"), as: endpoint.errors))
            }
        } catch {
            let body = ErrorBody(any: error, promptField: endpoint.errors.promptField)
            if !Task.isCancelled, body.status >= 500 { logger.error("a request failed: \(body.message)") }
            return Answer(body, as: endpoint.errors, retryAfter: configuration.retryAfter)
        }
    }
}
