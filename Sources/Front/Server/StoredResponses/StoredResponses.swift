import Engine
import Generation
import HTTPTypes
import OpenAIProtocol
import OrderedJSON

/// What can be done with responses: made, found, forgotten, ended; with those of one owner, who sees no others.
struct StoredResponses: Sendable {
    /// What `starting_after` may be.
    static let eventNumbers = 0...Int(Int32.max)
    /// What `limit` may be.
    static let pageSizes = 1...100
    /// What `order` may be, the default first.
    static let orders = ["desc", "asc"]

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
            earlier = try ended(previous).conversation
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
            input: JSONValue.array(ResponseItems.named(request.input)).serialized,
            conversation: earlier + [input],
        )
        guard request.isBackground else {
            let dialect = ResponsesDialect(object, prepared.generations[0], keep: keep(request, queued, object.id))
            return try await responder.answer(prepared, in: dialect, model)
        }
        return try begin(request, prepared, object, queued, model)
    }

    /// Has a response made while nobody waits.
    private func begin(
        _ request: ResponseRequest,
        _ prepared: PreparedAnswer,
        _ object: ResponseObject,
        _ queued: ResponseStore.Entry,
        _ model: ServingModel,
    ) throws -> Answer {
        let keeper = keeper(of: object, queued)
        let job = try BackgroundResponse(
            object,
            prepared,
            ResponsesDialect(object, prepared.generations[0], keep: keeper.end),
            responder,
            model,
            keeper: keeper,
        )
        var running = queued
        running.cancel = { job.ending.send($0) }
        running.events = job.events
        running.eventBytes = job.events?.byteCount ?? 0
        guard store.put(object.id, running, now: now) else {
            let message = "background needs a store for responses, and this server's is too small for this one"
            throw ValidationError.invalid(field: "background", message: message)
        }
        responder.background.start { await job.run() }
        guard let events = job.events else { return .whole(Reply(json: queued.object)) }
        var fields = Reply.eventStreamFields
        fields[.seed] = prepared.generations.first.map { String($0.seed) }
        return .stream(fields, LoggedEvents(log: events, first: 0))
    }

    /// What keeps a response that somebody waited for.
    private func keep(
        _ request: ResponseRequest,
        _ queued: ResponseStore.Entry,
        _ id: String,
    ) -> @Sendable (JSONObject, [JSONValue]) -> Void {
        guard request.isStored else { return { _, _ in } }
        return { response, output in store.put(id, queued.ended(response, output), now: now) }
    }

    /// What keeps a response that is made in the background; what its client ended meanwhile stays so.
    private func keeper(of object: ResponseObject, _ queued: ResponseStore.Entry) -> BackgroundResponse.Keeper {
        @Sendable func change(_ change: (ResponseStore.Entry) -> ResponseStore.Entry) {
            store.update(object.id, now: now) { $0.cancel == nil ? nil : change($0) }
        }
        return BackgroundResponse.Keeper {
            change { $0.with(object: object.json(.inProgress)) }
        } end: { response, output in
            change { running in
                var ended = queued.ended(response, output)
                (ended.events, ended.eventBytes) = (running.events, running.eventBytes)
                return ended
            }
        } grow: { bytes in
            store.update(object.id, now: now) { entry in
                var entry = entry
                entry.eventBytes = bytes
                return entry
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

    /// A response that another may go on from.
    ///
    /// - Throws: `ErrorBody`, with status 400 for one that isn't there yet.
    private func ended(_ id: String) throws(ErrorBody) -> ResponseStore.Entry {
        let found = try entry(id, field: "previous_response_id")
        guard found.cancel == nil else {
            let message = "the response '\(id.excerpt)' isn't there yet: wait until it has ended"
            throw ErrorBody(status: 400, message: message, type: "InvalidRequestError", param: "previous_response_id")
        }
        return found
    }

    /// A response, whole or its events once more.
    func retrieve(_ id: String, _ query: QueryItems) throws -> Answer {
        let found = try entry(id)
        guard try query.bool("stream") ?? false else {
            guard query["starting_after"] == nil else {
                throw ValidationError.invalid(field: "starting_after", message: "starting_after is for stream=true")
            }
            return .whole(Reply(json: found.object))
        }
        guard let events = found.events else {
            let message = "only responses that were made with background and stream can be streamed again"
            throw ValidationError.invalid(field: "stream", message: message)
        }
        let last = try query.integer("starting_after", in: Self.eventNumbers)
        return .stream(Reply.eventStreamFields, LoggedEvents(log: events, first: last.map { $0 + 1 } ?? 0))
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
        cancel(.unwanted)
        return Reply(json: try entry(id).object)
    }

    /// The items that a response's request added, a page of them.
    func inputItems(_ id: String, _ query: QueryItems) throws -> Reply {
        var items = try Self.items([try entry(id).input])
        if try query.choice("order", of: Self.orders) != "asc" { items.reverse() }
        if let after = query["after"] {
            guard let place = items.firstIndex(where: { $0["id"] == .string(after) }) else {
                let message = "after: this response has no item '\(after.excerpt)'"
                throw ErrorBody(status: 400, message: message, type: "InvalidRequestError", param: "after")
            }
            items.removeFirst(place + 1)
        }
        let page = items.prefix(try query.integer("limit", in: Self.pageSizes) ?? 20)
        let body: JSONObject = [
            "object": "list", "data": .array(Array(page)), "first_id": page.first?["id"] ?? .null,
            "last_id": page.last?["id"] ?? .null, "has_more": .bool(page.count < items.count),
        ]
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

extension ResponseStore.Entry {
    /// The entry with another state of the response.
    fileprivate func with(object: JSONObject) -> Self {
        var entry = self
        entry.object = JSONValue.object(object).serialized
        return entry
    }

    /// The entry of a response that has ended, whose output is part of the conversation now.
    fileprivate func ended(_ response: JSONObject, _ output: [JSONValue]) -> Self {
        var ended = with(object: response)
        ended.conversation.append(JSONValue.array(output).serialized)
        return ended
    }
}
