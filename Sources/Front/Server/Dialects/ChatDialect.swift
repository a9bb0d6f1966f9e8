import Generation
import OpenAIProtocol

/// The answer to a chat as OpenAI writes it.
struct ChatDialect: Dialect {
    private let request: ChatCompletionRequest
    private let identity: ResponseIdentity
    private let seed: UInt64
    /// The prompt's tokens, if they are to be told.
    private let promptTokenIDs: [Int32]?
    private let writer: ChatChunkWriter
    private let role: String
    private let echoedText: String?
    private var tracker: ChoiceTracker
    private var hasBegun = false
    private var promptScores: [[RankedToken]?]?
    private var choices: [ChatCompletionResponse.Choice]

    init(_ request: ChatCompletionRequest, identity: ResponseIdentity, _ prepared: PreparedGeneration) {
        self.request = request
        self.identity = identity
        seed = prepared.seed
        promptTokenIDs = request.reports.returnsTokenIDs ? prepared.promptTokens : nil
        writer = ChatChunkWriter(identity)
        role = request.replyRole
        echoedText = request.echoedText
        tracker = ChoiceTracker(
            prompts: 1,
            choicesPerPrompt: request.sampling.n,
            promptTokens: prepared.promptTokens.count,
        )
        var choice = ChatCompletionResponse.Choice()
        choice.text = echoedText ?? ""
        choice.scores = request.logProbabilities.map { _ in [] }
        choice.tokenIDs = request.reports.returnsTokenIDs ? [] : nil
        choices = request.stream.isStreamed ? [] : Array(repeating: choice, count: tracker.choiceCount)
    }

    private var runningUsage: Usage? { request.stream.continuousUsage ? tracker.usage : nil }

    mutating func append(_ event: GenerationEvent, prompt: Int, to bytes: inout [UInt8]) {
        let part = tracker.take(event, prompt: prompt)
        note(event)
        // The first chunk has the prompt's report, which comes after the beginning.
        let isAwaited = request.promptLogProbabilities != nil && promptScores == nil && part == nil
        if !hasBegun, !isAwaited { begin(to: &bytes) }
        guard let part else { return }
        var deltas = self.deltas(of: part.piece)
        let hasScores = request.logProbabilities != nil
        let hasIDs = request.reports.returnsTokenIDs && !part.piece.tokens.isEmpty
        // A chunk without anything would say nothing; an end, scores or ids need one.
        if deltas.isEmpty {
            if part.finish == nil, part.piece.reports.isEmpty, !hasIDs { return }
            deltas = [.content("")]
        }
        for (index, delta) in deltas.enumerated() {
            writer.append(
                delta,
                choice: part.choice,
                scores: hasScores && index == 0 ? scores(of: part.piece) : nil,
                tokenIDs: hasIDs && index == 0 ? part.piece.tokens : nil,
                finish: index == deltas.count - 1 ? part.finish : nil,
                usage: runningUsage,
                to: &bytes,
            )
        }
    }

    /// What a piece adds to a reply, without thoughts nobody wants.
    private func deltas(of piece: GenerationPiece) -> [ChatDelta] {
        let deltas = piece.deltas.map { ChatDelta($0) }
        guard !request.includesReasoning else { return deltas }
        return deltas.filter { if case .reasoning = $0 { false } else { true } }
    }

    private func scores(of piece: GenerationPiece) -> [TokenScores] {
        piece.reports.map { TokenScores($0, isNamed: request.reports.namesTokensByID) }
    }

    private mutating func note(_ event: GenerationEvent) {
        guard request.promptLogProbabilities != nil, case .promptReports(let reports) = event else { return }
        promptScores = RankedToken.lists(reports)
    }

    private mutating func begin(to bytes: inout [UInt8]) {
        hasBegun = true
        var usage = runningUsage
        usage?.completionTokens = 0
        for choice in 0..<tracker.choiceCount {
            let scores = choice == 0 ? promptScores : nil
            writer.append(
                role: role,
                choice: choice,
                promptScores: scores,
                promptTokenIDs: choice == 0 ? promptTokenIDs : nil,
                usage: usage,
                to: &bytes,
            )
            if let echoedText { writer.append(echo: echoedText, choice: choice, usage: usage, to: &bytes) }
        }
    }

    func appendEnd(to bytes: inout [UInt8]) {
        if request.stream.includeUsage { writer.append(finalUsage: tracker.usage, to: &bytes) }
        ServerSentEvent.appendDone(to: &bytes)
    }

    mutating func collect(_ event: GenerationEvent, prompt: Int) {
        note(event)
        guard let part = tracker.take(event, prompt: prompt) else { return }
        for delta in deltas(of: part.piece) { choices[part.choice].append(delta) }
        let scores = scores(of: part.piece)
        choices[part.choice].scores?.append(contentsOf: scores)
        choices[part.choice].tokenIDs?.append(contentsOf: part.piece.tokens)
        choices[part.choice].finish = part.finish
    }

    func body() -> WholeBody {
        var response = ChatCompletionResponse(
            identity: identity,
            role: role,
            choices: choices,
            usage: tracker.usage,
            seed: seed,
        )
        response.promptScores = promptScores
        response.promptTokenIDs = promptTokenIDs
        return .bytes(response.serialized)
    }
}
