import Generation
import OpenAIProtocol
import OrderedJSON

/// Responses of OpenAI: made, found again, forgotten, ended.
extension Endpoint {
    /// Makes a response.
    static let createResponse = Endpoint(
        .post,
        PathPattern("/v1/responses"),
        name: "createResponse",
        "Answers a conversation, which may go on from an earlier response.",
        request: ResponseRequest.self,
        answers: [responseAnswer("the response"), .events],
        errors: .openAI(promptField: "input"),
        .model { responder, call, model in
            let request: ResponseRequest = try call.request(limits: responder.configuration.limits)
            return try await StoredResponses(responder, of: call.owner).create(request, model)
        },
    ).failing(404)

    /// Finds a response.
    static let retrieveResponse = stored(
        .get,
        "",
        "retrieveResponse",
        "A stored response; the events of one that was made in the background as a stream, with stream=true.",
        query: [
            FieldDescription(name: "stream", kind: .boolean),
            FieldDescription(name: "starting_after", kind: .integer(StoredResponses.eventNumbers)),
        ],
        answers: [responseAnswer("the response"), .events],
    ) { responses, id, query in try responses.retrieve(id, query) }

    /// Forgets a response.
    static let deleteResponse = stored(
        .delete,
        "",
        "deleteResponse",
        "Forgets a stored response.",
    ) { responses, id, _ in .whole(try responses.delete(id)) }

    /// Ends the work on a response.
    static let cancelResponse = stored(
        .post,
        "/cancel",
        "cancelResponse",
        "Ends the work on a response that is made in the background.",
    ) { responses, id, _ in .whole(try responses.cancel(id)) }

    /// The items that a response's request added.
    static let responseInput = stored(
        .get,
        "/input_items",
        "listResponseInputItems",
        "The items that the request of a stored response added.",
        query: [
            FieldDescription(name: "limit", kind: .integer(StoredResponses.pageSizes)),
            FieldDescription(name: "after", kind: .string),
            FieldDescription(name: "order", kind: .choice(StoredResponses.orders)),
        ],
        answers: [.object("a list", ["object": "string", "data": "array", "has_more": "boolean"])],
    ) { responses, id, query in .whole(try responses.inputItems(id, query)) }

    private static func stored(
        _ method: Method,
        _ end: String,
        _ name: String,
        _ summary: String,
        query: [FieldDescription] = [],
        answers: [DescribedAnswer]? = nil,
        _ answer: @escaping @Sendable (StoredResponses, String, QueryItems) throws -> Answer,
    ) -> Endpoint {
        let path = PathPattern("/v1/responses/{response_id}" + end)
        let answers = answers ?? [method == .delete ? deletedAnswer : responseAnswer("the response")]
        let work = Work.task { responder, call in
            let responses = StoredResponses(responder, of: call.owner)
            return try answer(responses, call.names.first ?? "", QueryItems(call.query))
        }
        var endpoint = Endpoint(method, path, name: name, summary, answers: answers, work).failing(404)
        endpoint.query = query
        return endpoint
    }

    private static func responseAnswer(_ words: String) -> DescribedAnswer {
        .object(
            words,
            [
                "id": "string", "object": "string", "created_at": "integer", "status": "string", "model": "string",
                "output": "array", "usage": ["type": ["object", "null"]],
            ]
        )
    }

    private static let deletedAnswer = DescribedAnswer.object(
        "what is gone",
        ["id": "string", "object": "string", "deleted": "boolean"]
    )
}
