import Engine
import Generation
import OpenAIProtocol

/// Texts to unit vectors.
struct Embedding: Sendable {
    /// The vectors, of length 1, `[texts][hidden size]`.
    var vectors: [[Float]] = []
    /// Tokens of all texts.
    var promptTokens = 0

    /// Texts of one request that are with the engine at once: enough to fill its batches, few enough to leave others room.
    private static let atOnce = 64

    /// The embeddings of the texts of one request.
    ///
    /// - Throws: `ErrorBody` when the model makes none, `GenerationError` naming what is wrong with a text.
    init(
        of texts: [CompletionPrompt],
        _ fields: EmbeddedTextFields,
        field: String,
        _ model: ServingModel,
        named name: String,
    ) async throws {
        guard model.adapters?.isModel(name) != true else {
            let message = "embeddings can't be made with an adapter, and '\(name)' is one"
            throw ErrorBody(status: 400, message: message, type: "BadRequestError", param: "model")
        }
        guard let embed = model.embed else {
            let message =
                "this model isn't made for embeddings; --pooling mean, cls or last says how to make them anyway"
            throw ErrorBody(status: 400, message: message, type: "BadRequestError", param: "model")
        }
        let group = UInt64.random(in: 0 ... .max)
        var requests: [GenerationRequest] = []
        for text in texts {
            var request = GenerationRequest(prompt: try GenerationPrompt(text, backend: model.backend, field: field))
            request.addSpecialTokens = fields.addSpecialTokens
            request.truncatePromptTokens = fields.truncatePromptTokens
            request.group = group
            requests.append(request)
        }
        vectors = Array(repeating: [], count: texts.count)
        try await withThrowingTaskGroup(of: (Int, [Float], Int).self) { tasks in
            for (index, request) in requests.enumerated() {
                if index >= Self.atOnce, let done = try await tasks.next() { take(done) }
                tasks.addTask {
                    let (vector, count) = try await embed(request)
                    return (index, Self.unit(vector), count)
                }
            }
            for try await done in tasks { take(done) }
        }
    }

    private mutating func take(_ done: (index: Int, vector: [Float], tokens: Int)) {
        vectors[done.index] = done.vector
        promptTokens += done.tokens
    }

    /// The first numbers of all vectors, made vectors of length 1 again (Matryoshka representations, arXiv 2205.13147).
    ///
    /// - Throws: `ValidationError` when they have fewer.
    mutating func cut(to dimensions: Int) throws(ValidationError) {
        let size = vectors.first?.count ?? 0
        guard dimensions <= size else {
            throw .outOfRange(
                field: "dimensions",
                value: "\(dimensions)",
                allowed: "at most \(size), which this model has"
            )
        }
        vectors = vectors.map { Self.unit(Array($0.prefix(dimensions))) }
    }

    /// The cosine of the angle between two texts' vectors, -1 to 1.
    func likeness(_ one: Int, _ other: Int) -> Double {
        zip(vectors[one], vectors[other]).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }

    private static func unit(_ vector: [Float]) -> [Float] {
        let length = vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        guard length > 0, length.isFinite else { return vector.map { $0.isFinite ? $0 : 0 } }
        return vector.map { Float(Double($0) / length) }
    }
}
