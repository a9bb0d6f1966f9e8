import Generation
import OpenAIProtocol
import OrderedJSON

/// Text to token ids and back.
extension Endpoint {
    /// Text to token ids.
    static let tokenize = Endpoint(
        post: "/tokenize",
        name: "tokenize",
        "The token ids of a text or a chat.",
        answers: [
            .object("the ids", ["tokens": "array", "count": "integer", "max_model_len": "integer"])
        ],
    ) { responder, request, model in .whole(try await responder.tokenizeReply(request, model)) }

    /// Token ids to text.
    static let detokenize = Endpoint(
        post: "/detokenize",
        name: "detokenize",
        "The text of token ids.",
        answers: [.object("the text", ["prompt": "string"])],
    ) { responder, request, model in .whole(try await responder.detokenizeReply(request, model)) }
}

extension Responder {
    func tokenizeReply(_ request: TokenizeRequest, _ model: ServingModel) async throws -> Reply {
        let backend = model.backend
        let tokens: [Int32]
        switch request.input {
        case .text(let text, let addSpecialTokens, let parseSpecialTokens):
            tokens = try await backend.tokenize(
                .text(text),
                addSpecialTokens: addSpecialTokens,
                parseSpecialTokens: parseSpecialTokens,
            )
        case .chat(let messages, let template, let tools):
            tokens = try await backend.tokenize(
                .chat(ChatPrompt(messages, template, ToolUse(tools))),
                addSpecialTokens: template.addSpecialTokens,
                parseSpecialTokens: true,
            )
        }
        let body: JSONValue = [
            "tokens": .array(tokens.map { .integer(Int($0)) }), "count": .integer(tokens.count),
            "max_model_len": .integer(backend.maxSequenceLength),
        ]
        return Reply(json: body.serialized)
    }

    func detokenizeReply(_ request: DetokenizeRequest, _ model: ServingModel) async throws -> Reply {
        let tokens = try model.backend.tokenIDs(request.tokens, field: "tokens")
        let text = try await model.backend.detokenize(tokens, skipSpecialTokens: request.skipSpecialTokens)
        return Reply(json: JSONValue.object(["prompt": .string(text)]).serialized)
    }
}
