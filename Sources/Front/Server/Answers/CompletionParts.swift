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
        /// The prompt's report, with the first part of a choice.
        var promptScores: [[RankedToken]?]?
        /// The prompt's tokens, with the first part of a choice.
        var promptTokenIDs: [Int32]?
        var finish: ChoiceFinish?
    }

    private let choicesPerPrompt: Int
    private let hasText: Bool
    private let hasScores: Bool
    private let hasPromptScores: Bool
    private let reports: ReportFields
    /// Of each prompt, if they are to be told.
    private let promptTokenIDs: [[Int32]]
    /// The report of each prompt that was told of and isn't passed on for all its choices.
    private var promptScores: [Int: [[RankedToken]?]] = [:]
    private var echoed: [EchoedPrompt]
    private var tracker: ChoiceTracker
    private var hasBegun: [Bool]

    init(_ request: CompletionRequest, prepared: [PreparedGeneration], echoed: [EchoedPrompt]) {
        choicesPerPrompt = request.sampling.n
        hasText = request.detokenize
        hasScores = request.logProbabilities != nil
        hasPromptScores = request.promptLogProbabilities != nil
        reports = request.reports
        promptTokenIDs = request.reports.returnsTokenIDs ? prepared.map(\.promptTokens) : []
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
    /// The first of a choice has the prompt's report, and begins with the echoed prompt.
    mutating func take(_ event: GenerationEvent, prompt: Int) -> Part? {
        if !echoed.isEmpty { echoed[prompt].note(event) }
        if hasPromptScores, case .promptReports(let reports) = event {
            promptScores[prompt] = RankedToken.lists(reports)
        }
        guard let tracked = tracker.take(event, prompt: prompt) else { return nil }
        let piece = tracked.piece
        var part = Part(choice: tracked.choice, text: hasText ? piece.text : "", finish: tracked.finish)
        if !hasText || reports.returnsTokenIDs { part.tokenIDs = piece.tokens }
        if hasScores { part.scores = piece.reports.map { TokenScores($0, isNamed: reports.namesTokensByID) } }
        guard !hasBegun[tracked.choice] else { return part }
        hasBegun[tracked.choice] = true
        part.promptScores = promptScores[prompt]
        if !promptTokenIDs.isEmpty { part.promptTokenIDs = promptTokenIDs[prompt] }
        if !echoed.isEmpty {
            if hasText { part.text = echoed[prompt].text + part.text }
            part.scores = part.scores.map { echoed[prompt].scores + $0 }
        }
        return part
    }
}
