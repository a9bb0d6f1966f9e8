package import RequestParameters

/// What a choice has produced, as far as penalties, banned sequences and the decay of top-p need it: nothing when there are
/// none.
package struct TokenHistory: Sendable {
    /// How often each token occurs in the output; 0 for one that occurs in the prompt only.
    private(set) var counts: [Int32: Int] = [:]
    /// The newest tokens of the output, as many as a banned sequence has before its last.
    private(set) var tail: [Int32] = []
    /// How many tokens top-p has decayed for; counted only where a token resets it.
    private(set) var decaySteps = 0
    private let isCounting: Bool
    private let tailLength: Int
    private let resetToken: Int32?

    /// The history of a choice that has produced nothing yet.
    package init(promptTokens: [Int32], parameters: SamplingParameters) {
        let repeats = parameters.repetitionPenalty != 1
        isCounting = repeats || parameters.presencePenalty != 0 || parameters.frequencyPenalty != 0
        tailLength = parameters.bannedSequences.reduce(0) { max($0, $1.count - 1) }
        resetToken = parameters.topPResetToken
        if repeats {
            for token in promptTokens { counts[token] = 0 }
        }
    }

    /// Counts a token of the output.
    package mutating func record(_ token: Int32) {
        if isCounting { counts[token, default: 0] += 1 }
        if tailLength > 0 {
            if tail.count == tailLength { tail.removeFirst() }
            tail.append(token)
        }
        if let resetToken { decaySteps = token == resetToken ? 0 : decaySteps + 1 }
    }

    /// Whether the output ends with all of a sequence but its last token.
    func precedesEnd(of sequence: [Int32]) -> Bool {
        let beginning = sequence.dropLast()
        return beginning.count <= tail.count && tail.suffix(beginning.count).elementsEqual(beginning)
    }
}
