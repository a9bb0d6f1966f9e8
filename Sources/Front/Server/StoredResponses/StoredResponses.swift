import Engine
import Generation
import OpenAIProtocol
import OrderedJSON

/// What can be done with responses: made, found, forgotten, ended; with those of one owner, who sees no others.
struct StoredResponses: Sendable {
    private let responder: Responder
    private let store: ResponseStore
    private let owner: KeyOwner?

    init(_ responder: Responder, of owner: KeyOwner?) {
        self.owner = owner
        self.responder = responder
        store = responder.responses
    }

    private var now: Double { EngineClock.system.monotonicSeconds() }

    /// Answers a request: as a stream, whole, or later.
    ///
    /// - Throws: what makes the request one that can't be answered.
    func create(_ request: ResponseRequest, _ model: ServingModel) async throws -> Answer {
        var earlier: [[UInt8]] = []
        if let previous = request.previousID {
            earlier = try entry(previous, field: "previous_response_id").conversation
        }
        // An earlier conversation is as much work as a body of its size, and counts as one.
        let size = earlier.reduce(0) { $0 + $1.count }
        try check(size)
        defer { responder.pending.give(size) }
        let chat = try request.chat(after: try Self.items(earlier), limits: responder.configuration.limits)
        let prepared = try await responder.prepare(chat, model)
        let object = ResponseObject(
            id: ResponseIdentity.freshID(prefix: "resp_"),
            request: request,
            created: Int(model.clock.wallSeconds()),
        )
        let input = JSONValue.array(request.input).serialized
        let queued = ResponseStore.Entry(
            owner: owner,
            object: JSONValue.object(object.json(.queued)).serialized,
            input: input,
            conversation: earlier + [input],
        )
        let keep = keeper(of: object.id, request, queued)
        let dialect = ResponsesDialect(object, prepared.generations[0], keep: keep)
        guard request.isBackground else { return try await responder.answer(prepared, in: dialect, model) }
        let job = try BackgroundResponse(object, prepared, dialect, responder, model, keep: keep)
        var running = queued
        running.cancel = { job.isCancelled.send(()) }
        guard store.put(object.id, running, now: now) else {
            let message = "background needs a store for responses, and this server's is too small for this one"
            throw ValidationError.invalid(field: "background", message: message)
        }
        responder.background.start { await job.run() }
        return .whole(Reply(json: queued.object))
    }

    /// What keeps a response that has ended, with the items of its output.
    private func keeper(
        of id: String,
        _ request: ResponseRequest,
        _ queued: ResponseStore.Entry,
    ) -> @Sendable (JSONObject, [JSONValue]) -> Void {
        guard request.isStored else { return { _, _ in } }
        return { response, output in
            var ended = queued
            ended.object = JSONValue.object(response).serialized
            ended.conversation.append(JSONValue.array(output).serialized)
            if request.isBackground {
                // What its client ended meanwhile stays so.
                store.update(id, now: now) { $0.cancel == nil ? nil : ended }
            } else {
                store.put(id, ended, now: now)
            }
        }
    }

    /// A response that is still there.
    ///
    /// - Throws: `ErrorBody` with status 400 for what isn't a response's name, 404 for one that isn't there.
    func entry(_ id: String, field: String = "response_id") throws(ErrorBody) -> ResponseStore.Entry {
        let shown = id.excerpt
        guard id.hasPrefix("resp_") else {
            let message = "\(field) is '\(shown)', but the names of responses begin with 'resp_'"
            throw ErrorBody(status: 400, message: message, type: "InvalidRequestError", param: field)
        }
        guard let entry = store.get(id, now: now), entry.owner == owner else { throw Self.notFound(shown, field) }
        return entry
    }

    /// Forgets a response.
    func delete(_ id: String) throws(ErrorBody) -> Reply {
        _ = try entry(id)
        guard store.delete(id, now: now) else { throw Self.notFound(id.excerpt, "response_id") }
        let body: JSONObject = ["id": .string(id), "object": "response", "deleted": true]
        return Reply(json: JSONValue.object(body).serialized)
    }

    /// Ends the work on a response; one whose work has ended stays as it is.
    func cancel(_ id: String) throws(ErrorBody) -> Reply {
        let found = try entry(id)
        guard let response = (try? JSONParser.parse(found.object))?.objectValue else {
            throw Self.notFound(id.excerpt, "response_id")
        }
        guard response["background"] == true else {
            let message = "only responses that are made in the background can be cancelled"
            throw ErrorBody(status: 400, message: message, type: "InvalidRequestError", param: "response_id")
        }
        guard let cancel = found.cancel else { return Reply(json: found.object) }
        var ended = response
        ended["status"] = "cancelled"
        let object = JSONValue.object(ended).serialized
        store.update(id, now: now) { entry in
            var entry = entry
            guard entry.cancel != nil else { return nil }
            entry.cancel = nil
            entry.object = object
            return entry
        }
        cancel()
        return Reply(json: try entry(id).object)
    }

    /// The items that a response's request added.
    func inputItems(_ id: String) throws -> Reply {
        let items = try Self.items([try entry(id).input])
        let body: JSONObject = ["object": "list", "data": .array(items), "has_more": false]
        return Reply(json: JSONValue.object(body).serialized)
    }

    /// Counts an earlier conversation among the bodies that are worked on.
    private func check(_ size: Int) throws(ErrorBody) {
        let limit = responder.configuration.maxBodyBytes
        guard size <= limit else {
            let message = "the conversation so far has \(size) bytes, but a request may have at most \(limit)"
            throw ErrorBody(
                status: 400,
                message: message,
                type: "InvalidRequestError",
                param: "previous_response_id"
            )
        }
        guard responder.pending.take(size) else {
            let message = "the bodies of all requests together are too large for this conversation"
            throw ErrorBody(status: 503, message: message, type: "ServiceUnavailableError")
        }
    }

    /// The items in lists that the server wrote, within the bounds of one body.
    private static func items(_ parts: [[UInt8]]) throws -> [JSONValue] {
        let lists = Array("{\"parts\":[".utf8) + parts.joined(separator: [UInt8(ascii: ",")]) + Array("]}".utf8)
        let parts = try RequestBody.parse(lists)["parts"]?.arrayValue ?? []
        return parts.flatMap { $0.arrayValue ?? [] }
    }

    private static func notFound(_ id: String, _ field: String) -> ErrorBody {
        let message = "there is no response '\(id)', or no longer"
        return ErrorBody(status: 404, message: message, type: "InvalidRequestError", param: field)
    }
}
