import Generation
import OpenAIProtocol
import OrderedJSON
import Server

/// `POST /generate`, as servers of text generation had it before chats: a text, and how many tokens to add.
struct GenerateRequest: DescribedRequest {
    var inputs: String
    var maxNewTokens: Int
    var isStreamed: Bool

    init(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) {
        inputs = try reader.requiredString("inputs")
        maxNewTokens = try reader.integer("max_new_tokens", in: 1...Int.max, default: 20)
        isStreamed = try reader.bool("stream", default: false)
    }

    static let examples: [JSONObject] = [["inputs": "Once upon a time", "max_new_tokens": 8]]
}

extension Endpoint {
    static let generate = Endpoint(
        post: "/generate",
        name: "generate",
        "Continues a text.",
        answers: [.object("the continuation", ["generated_text": "string"]), .events],
        errors: .openAI(promptField: "inputs"),
    ) { (responder, request: GenerateRequest, model) in
        var generation = GenerationRequest(prompt: .text(request.inputs))
        generation.maxTokens = request.maxNewTokens
        let prepared = try await responder.prepare(generation, isStreamed: request.isStreamed, model)
        return try await responder.answer(prepared, in: GenerateDialect(), model)
    }
}
