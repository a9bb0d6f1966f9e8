import Engine
import OpenAIProtocol
import OrderedJSON

/// What embeddings are made for: vectors, likeness of pairs, order of documents.
extension Endpoint {
    /// Vectors of texts.
    static let embeddings = Endpoint(
        post: "/v1/embeddings",
        name: "createEmbeddings",
        "The embeddings of texts, vectors of length 1.",
        answers: [
            .object(
                "the vectors",
                [
                    "id": "string", "object": "string", "created": "integer", "model": "string", "data": "array",
                    "usage": "object",
                ]
            )
        ],
        errors: .openAI(promptField: "input"),
    ) { (responder, request: EmbeddingRequest, model) in
        var embedding = try await Embedding(
            of: request.inputs,
            request.text,
            field: "input",
            model,
            named: request.model
        )
        if let dimensions = request.dimensions { try embedding.cut(to: dimensions) }
        let response = EmbeddingResponse(
            id: ResponseIdentity.freshID(prefix: "embd-"),
            created: Int(model.clock.wallSeconds()),
            model: request.model,
            vectors: embedding.vectors,
            isBase64: request.isBase64,
            promptTokens: embedding.promptTokens,
        )
        return .whole(Reply(json: response.serialized))
    }

    /// Likeness of pairs of texts.
    static let score = Endpoint(
        post: "/v1/score",
        name: "score",
        "How alike pairs of texts are: the cosine between their embeddings.",
        answers: [
            .object(
                "the scores",
                [
                    "id": "string", "object": "string", "created": "integer", "model": "string", "data": "array",
                    "usage": "object",
                ]
            )
        ],
        errors: .openAI(promptField: "text_2"),
    ) { (responder, request: ScoreRequest, model) in
        let texts = (request.first + request.second).map { CompletionPrompt.text($0) }
        let embedding = try await Embedding(of: texts, request.text, field: "text_2", model, named: request.model)
        let scores = request.second.indices.map { index -> JSONValue in
            let first = request.first.count == 1 ? 0 : index
            let likeness = embedding.likeness(first, request.first.count + index)
            return ["index": .integer(index), "object": "score", "score": .number(likeness)]
        }
        let body: JSONObject = [
            "id": .string(ResponseIdentity.freshID(prefix: "score-")), "object": "list",
            "created": .integer(Int(model.clock.wallSeconds())), "model": .string(request.model),
            "data": .array(scores), "usage": usage(embedding.promptTokens),
        ]
        return .whole(Reply(json: JSONValue.object(body).serialized))
    }

    /// Documents in order of their likeness to a query.
    static let rerank = Endpoint(
        post: "/v1/rerank",
        name: "rerank",
        "Documents in order of the cosine between their embeddings and a query's.",
        answers: [
            .object("the order", ["id": "string", "model": "string", "results": "array", "usage": "object"])
        ],
        errors: .openAI(promptField: "documents"),
    ) { (responder, request: RerankRequest, model) in
        let texts = ([request.query] + request.documents).map { CompletionPrompt.text($0) }
        let embedding = try await Embedding(of: texts, request.text, field: "documents", model, named: request.model)
        let scored = request.documents.indices.map { (index: $0, score: embedding.likeness(0, $0 + 1)) }
        let ordered = scored.sorted { ($1.score, $0.index) < ($0.score, $1.index) }
        let results = ordered.prefix(request.top ?? ordered.count).map { entry -> JSONValue in
            var result: JSONObject = ["index": .integer(entry.index), "relevance_score": .number(entry.score)]
            if request.returnsDocuments { result["document"] = ["text": .string(request.documents[entry.index])] }
            return .object(result)
        }
        let body: JSONObject = [
            "id": .string(ResponseIdentity.freshID(prefix: "rerank-")), "model": .string(request.model),
            "usage": usage(embedding.promptTokens), "results": .array(Array(results)),
        ]
        return .whole(Reply(json: JSONValue.object(body).serialized))
    }

    private static func usage(_ tokens: Int) -> JSONValue {
        ["prompt_tokens": .integer(tokens), "total_tokens": .integer(tokens)]
    }
}
