import Generation
import OpenAIProtocol

/// Numbers the choices over the prompts of one request, and counts their tokens.
struct ChoiceTracker: Sendable {
    /// What a choice's next chunk holds.
    struct Part {
        /// Index of the choice over all prompts.
        var choice: Int
        var piece: GenerationPiece
        var finish: ChoiceFinish?
    }

    /// Tokens so far; complete once every request has told its usage.
    private(set) var usage: Usage
    private let choicesPerPrompt: Int
    private var counts: [Int]

    init(prompts: Int, choicesPerPrompt: Int, promptTokens: Int) {
        self.choicesPerPrompt = choicesPerPrompt
        counts = Array(repeating: 0, count: prompts * choicesPerPrompt)
        usage = Usage(promptTokens: promptTokens)
    }

    /// Number of choices over all prompts.
    var choiceCount: Int { counts.count }

    /// Takes an event; the part that is to be passed on, if any.
    mutating func take(_ event: GenerationEvent, prompt: Int) -> Part? {
        let first = prompt * choicesPerPrompt
        switch event {
        case .started(let cachedTokens):
            usage.cachedTokens += cachedTokens
            return nil
        case .piece(let piece, let count):
            let choice = first + piece.choice
            usage.completionTokens += count - counts[choice]
            counts[choice] = count
            let isEmpty = piece.tokens.isEmpty && piece.deltas.allSatisfy { $0 == .content("") }
            if isEmpty && piece.finish == nil { return nil }
            return Part(choice: choice, piece: piece, finish: piece.finish.map { ChoiceFinish($0) })
        case .usage(let total):
            // The engine's own count, which also knows tokens that no piece carried.
            let counted = counts[first..<first + choicesPerPrompt].reduce(0, +)
            usage.completionTokens += total.completionTokens - counted
            return nil
        case .promptReports, .contextLogits: return nil
        }
    }
}
