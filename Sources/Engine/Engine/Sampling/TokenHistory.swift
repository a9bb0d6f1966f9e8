/// Which tokens a choice has seen and how often it produced them: what penalties need, and nothing when there are none.
package struct TokenHistory: Sendable {
    /// How often each token occurs in the output; 0 for one that occurs in the prompt only.
    private(set) var counts: [Int32: Int] = [:]
    private let isNeeded: Bool

    /// The history of a choice that has produced nothing yet.
    package init(promptTokens: [Int32], parameters: SamplingParameters) {
        let repeats = parameters.repetitionPenalty != 1
        isNeeded = repeats || parameters.presencePenalty != 0 || parameters.frequencyPenalty != 0
        if repeats {
            for token in promptTokens { counts[token] = 0 }
        }
    }

    /// Counts a token of the output.
    package mutating func record(_ token: Int32) {
        if isNeeded { counts[token, default: 0] += 1 }
    }
}
