import Generation
import OpenAIProtocol

/// Joins each choice's last piece with its end, and counts tokens, over the prompts of one request.
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
    private var lastPieces: [GenerationPiece?]

    init(prompts: Int, choicesPerPrompt: Int, promptTokens: Int) {
        self.choicesPerPrompt = choicesPerPrompt
        counts = Array(repeating: 0, count: prompts * choicesPerPrompt)
        lastPieces = Array(repeating: nil, count: prompts * choicesPerPrompt)
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
            if piece.endsChoice {
                lastPieces[choice] = piece
                return nil
            }
            let isEmpty = piece.text.isEmpty && piece.tokens.isEmpty
            return isEmpty ? nil : Part(choice: choice, piece: piece)
        case .finished(let index, let reason, let cause):
            let choice = first + index
            let piece = lastPieces[choice] ?? GenerationPiece(choice: index, text: "")
            lastPieces[choice] = nil
            return Part(choice: choice, piece: piece, finish: ChoiceFinish(reason, cause))
        case .usage(let total):
            // The engine's own count, which also knows tokens that no piece carried.
            let counted = counts[first..<first + choicesPerPrompt].reduce(0, +)
            usage.completionTokens += total.completionTokens - counted
            return nil
        case .promptReports, .contextLogits: return nil
        }
    }
}
