import Generation
import OpenAIProtocol

/// What the choices of a completion grow by, the same whether it is streamed or collected.
struct CompletionParts: Sendable {
    /// What a choice grows by.
    struct Part {
        var choice: Int
        var text: String
        var tokenIDs: [Int32]?
        var scores: [TokenScores]?
        var finish: ChoiceFinish?
    }

    private let choicesPerPrompt: Int
    private let hasText: Bool
    private let hasScores: Bool
    private var echoed: [EchoedPrompt]
    private var tracker: ChoiceTracker
    private var hasBegun: [Bool]

    init(_ request: CompletionRequest, prepared: [PreparedGeneration], echoed: [EchoedPrompt]) {
        choicesPerPrompt = request.sampling.n
        hasText = request.detokenize
        hasScores = request.logProbabilities != nil
        self.echoed = echoed
        tracker = ChoiceTracker(
            prompts: prepared.count,
            choicesPerPrompt: request.sampling.n,
            promptTokens: prepared.reduce(0) { $0 + $1.promptTokens.count },
        )
        hasBegun = Array(repeating: false, count: tracker.choiceCount)
    }

    /// Tokens so far.
    var usage: Usage { tracker.usage }
    /// Number of choices over all prompts.
    var choiceCount: Int { tracker.choiceCount }
    /// The choices of one prompt.
    func choices(of prompt: Int) -> Range<Int> { prompt * choicesPerPrompt..<(prompt + 1) * choicesPerPrompt }

    /// Takes an event; the part it makes, if any.
    ///
    /// The first of a choice begins with the echoed prompt.
    mutating func take(_ event: GenerationEvent, prompt: Int) -> Part? {
        if !echoed.isEmpty { echoed[prompt].note(event) }
        guard let tracked = tracker.take(event, prompt: prompt) else { return nil }
        let piece = tracked.piece
        var part = Part(choice: tracked.choice, text: hasText ? piece.text : "", finish: tracked.finish)
        if !hasText { part.tokenIDs = piece.tokens }
        if hasScores { part.scores = piece.reports.map { TokenScores($0) } }
        if !echoed.isEmpty, !hasBegun[tracked.choice] {
            if hasText { part.text = echoed[prompt].text + part.text }
            part.scores = part.scores.map { echoed[prompt].scores + $0 }
        }
        hasBegun[tracked.choice] = true
        return part
    }
}
