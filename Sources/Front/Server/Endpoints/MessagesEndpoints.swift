import Generation
import OpenAIProtocol
import OrderedJSON

/// Anthropic's front end: chats under other names.
extension Endpoint {
    /// Chats as Anthropic's clients send them.
    static let messages = Endpoint(
        post: "/v1/messages",
        name: "createMessage",
        "Answers a chat in Anthropic's form.",
        answers: [
            .object(
                "the message",
                [
                    "id": "string", "type": "string", "role": "string", "model": "string", "content": "array",
                    "stop_reason": ["type": ["string", "null"]], "stop_sequence": ["type": ["string", "null"]],
                    "usage": "object",
                ]
            ), .events,
        ],
        errors: .anthropic,
    ) { (responder, request: MessagesRequest, model) in
        let prepared = try await responder.prepare(request.chat, model)
        return try await responder.answer(prepared, in: MessagesDialect(request.chat, prepared.generations[0]), model)
    }

    /// How many tokens the prompt of such a chat has.
    static let countTokens = Endpoint(
        post: "/v1/messages/count_tokens",
        name: "countMessageTokens",
        "How many tokens a chat in Anthropic's form has.",
        answers: [.object("the count", ["input_tokens": "integer"])],
        errors: .anthropic,
    ) { (responder, request: CountTokensRequest, model) in
        let generation = try GenerationRequest(request.chat, backend: model.backend)
        let tokens = try await model.backend.tokenize(
            generation.prompt,
            addSpecialTokens: generation.addSpecialTokens,
            parseSpecialTokens: true,
        )
        return .whole(Reply(json: JSONValue.object(["input_tokens": .integer(tokens.count)]).serialized))
    }
}

extension ErrorShape {
    /// Anthropic's.
    static let anthropic = ErrorShape(
        promptField: "messages",
        schema: DescribedAnswer.schema(["type": "string", "error": "object"]),
    ) { MessageError.body($0) }
}
