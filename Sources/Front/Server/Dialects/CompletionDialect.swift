import Generation
import OpenAIProtocol

/// The answer to a completion as OpenAI writes it, of all its prompts.
struct CompletionDialect: Dialect {
    private let request: CompletionRequest
    private let identity: ResponseIdentity
    private let seed: UInt64
    /// What the answer holds of the memory that answers share, for a body that is written in pieces.
    private let loan: ByteBudget.Loan?
    private var writer: CompletionChunkWriter
    private var parts: CompletionParts
    private var choices: [CompletionResponse.Choice]

    init(
        _ request: CompletionRequest,
        identity: ResponseIdentity,
        _ prepared: PreparedAnswer,
        echoed: [EchoedPrompt],
    ) {
        self.request = request
        self.identity = identity
        seed = prepared.generations.first?.seed ?? 0
        loan = prepared.loan
        parts = CompletionParts(request, prepared: prepared.generations, echoed: echoed)
        writer = CompletionChunkWriter(identity, choices: parts.choiceCount)
        let choice = CompletionResponse.Choice()
        choices = request.stream.isStreamed ? [] : Array(repeating: choice, count: parts.choiceCount)
    }

    mutating func append(_ event: GenerationEvent, prompt: Int, to bytes: inout [UInt8]) {
        guard let part = parts.take(event, prompt: prompt) else { return }
        writer.append(
            text: part.text,
            choice: part.choice,
            tokenIDs: part.tokenIDs,
            scores: part.scores,
            promptScores: part.promptScores,
            promptTokenIDs: part.promptTokenIDs,
            finish: part.finish,
            usage: request.stream.continuousUsage ? parts.usage : nil,
            to: &bytes,
        )
    }

    func appendEnd(to bytes: inout [UInt8]) {
        if request.stream.includeUsage { writer.append(finalUsage: parts.usage, to: &bytes) }
        ServerSentEvent.appendDone(to: &bytes)
    }

    mutating func collect(_ event: GenerationEvent, prompt: Int) {
        if case .contextLogits(let rows) = event {
            for choice in parts.choices(of: prompt) { choices[choice].contextLogits = rows }
        }
        guard let part = parts.take(event, prompt: prompt) else { return }
        choices[part.choice].text += part.text
        if let ids = part.tokenIDs { choices[part.choice].tokenIDs = (choices[part.choice].tokenIDs ?? []) + ids }
        if let scores = part.scores { choices[part.choice].scores = (choices[part.choice].scores ?? []) + scores }
        choices[part.choice].promptTokenIDs = part.promptTokenIDs ?? choices[part.choice].promptTokenIDs
        choices[part.choice].promptScores = part.promptScores ?? choices[part.choice].promptScores
        choices[part.choice].finish = part.finish
    }

    func body() async -> WholeBody {
        let response = CompletionResponse(identity: identity, choices: choices, usage: parts.usage, seed: seed)
        if request.returnContextLogits { return .pieces(CompletionBody(response: response, loan: loan)) }
        return .bytes(await response.serialized())
    }
}
