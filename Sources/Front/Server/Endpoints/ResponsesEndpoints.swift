import Generation
import OpenAIProtocol
import OrderedJSON

/// Responses of OpenAI: made, found again, forgotten, ended.
extension Endpoint {
    /// Makes a response.
    static let createResponse = Endpoint(
        post: "/v1/responses",
        name: "createResponse",
        "Answers a conversation, which may go on from an earlier response.",
        answers: [responseAnswer("the response"), .events],
        errors: .openAI(promptField: "input"),
    ) { (responder, owner, request: ResponseRequest, model) in
        try await StoredResponses(responder, of: owner).create(request, model)
    }.failing(404)

    /// Finds a response.
    static let retrieveResponse = stored(.get, "", "retrieveResponse", "A stored response.") { responses, id in
        Reply(json: try responses.entry(id).object)
    }

    /// Forgets a response.
    static let deleteResponse = stored(.delete, "", "deleteResponse", "Forgets a stored response.") { responses, id in
        try responses.delete(id)
    }

    /// Ends the work on a response.
    static let cancelResponse = stored(
        .post,
        "/cancel",
        "cancelResponse",
        "Ends the work on a response that is made in the background.",
    ) { responses, id in try responses.cancel(id) }

    /// The items that a response's request added.
    static let responseInput = stored(
        .get,
        "/input_items",
        "listResponseInputItems",
        "The items that the request of a stored response added.",
        answer: .object("a list", ["object": "string", "data": "array", "has_more": "boolean"]),
    ) { responses, id in try responses.inputItems(id) }

    private static func stored(
        _ method: Method,
        _ end: String,
        _ name: String,
        _ summary: String,
        answer: DescribedAnswer? = nil,
        _ reply: @escaping @Sendable (StoredResponses, String) throws -> Reply,
    ) -> Endpoint {
        let path = PathPattern("/v1/responses/{response_id}" + end)
        let answer = answer ?? (method == .delete ? deletedAnswer : responseAnswer("the response"))
        let work = Work.task { responder, call in
            guard !call.query.contains("stream=true") else {
                let message = "a stored response is answered whole: stream isn't supported here"
                throw ValidationError.invalid(field: "stream", message: message)
            }
            return .whole(try reply(StoredResponses(responder, of: call.owner), call.names.first ?? ""))
        }
        return Endpoint(method, path, name: name, summary, answers: [answer], work).failing(404)
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
