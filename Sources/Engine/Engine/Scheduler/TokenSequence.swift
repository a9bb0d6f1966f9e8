/// Names one choice of one request; the order is the order of age.
package struct SequenceKey: Sendable, Hashable, Comparable {
    /// The request's id; later requests have greater ones.
    package var request: UInt64
    /// The choice, from 0.
    package var choice: Int

    /// The key of a choice.
    package init(request: UInt64, choice: Int) {
        self.request = request
        self.choice = choice
    }

    package static func < (left: SequenceKey, right: SequenceKey) -> Bool {
        (left.request, left.choice) < (right.request, right.choice)
    }
}

/// One choice of a request while it waits or runs: its tokens, and how far they are in the KV cache.
struct TokenSequence: Sendable {
    let key: SequenceKey
    let request: EngineRequest
    let group: TurnGroup
    /// Prompt and output so far.
    var tokens: [Int32]
    /// How many of `tokens` are in the KV cache; always fewer than all, because the newest is the next input.
    var computed = 0
    var table = BlockTable()
    /// Choices that begin when this one's prompt is computed.
    var followers: [Int] = []
    /// How far the prompt was reported, for a request that asked for logits or pooled hidden states of it.
    var reportedPositions = 0
    /// How many of its newest tokens weren't chosen, and so are still to be computed together with the one before.
    var forcedCount = 0
    /// Whether an iteration computes it that hasn't been applied yet.
    var isInFlight = false
    /// Whether the iteration that is being planned leaves it out.
    var isLeftOut = false
    /// Whether it has run and was stopped for want of blocks.
    var isPaused = false
    /// How often a younger or less urgent one was admitted because this one didn't fit.
    var timesPassed = 0
    /// Whether its last token is chosen; it is taken out at the end of the iteration.
    var hasEnded = false

    init(key: SequenceKey, request: EngineRequest, followers: [Int] = []) {
        self.key = key
        self.request = request
        group = TurnGroup(request, id: key.request)
        self.followers = followers
        tokens = request.promptTokens
    }

    var promptCount: Int { request.promptTokens.count }
    var outputCount: Int { tokens.count - promptCount }
    /// Tokens to compute before the next one can be chosen.
    var remaining: Int { tokens.count - computed }
    /// Whether its next input is its newest output token, and those that were appended with it.
    var isDecoding: Bool { outputCount > 0 && remaining <= 1 + forcedCount }

    /// Whether its prompt is computed and no token was asked for.
    var wantsNothingMore: Bool { request.maxTokens == 0 && remaining == 0 }

    /// How many tokens may come from the KV cache: not the last one, whose logits are wanted, nor any prompt position
    /// that is still to be reported.
    var cacheLimit: Int {
        let unreported = unreportedPositions
        return unreported.isEmpty ? tokens.count - 1 : min(tokens.count - 1, unreported.lowerBound)
    }

    /// Prompt positions whose logits are still to be reported, or whose hidden states are still to be pooled.
    var unreportedPositions: Range<Int> {
        let reportsLogits =
            (request.promptLogProbabilities != nil || request.returnContextLogits) && key.choice == 0
        let all = request.pooledPositions ?? 0..<(reportsLogits ? promptCount : 0)
        return max(all.lowerBound, min(reportedPositions, all.upperBound))..<all.upperBound
    }

    /// Whether logits of prompt positions are to be reported.
    var reportsLogits: Bool { request.pooledPositions == nil && !unreportedPositions.isEmpty }

    /// KV entries of the sequence at its longest: the last token of the output is never computed.
    var longestLength: Int { promptCount + max(request.maxTokens, 1) - 1 }
}

/// Sequences in the order of their age.
extension [TokenSequence] {
    mutating func insertByAge(_ sequence: TokenSequence) {
        insert(sequence, at: partitioningIndex { $0.key >= sequence.key })
    }

    /// Where a sequence is.
    func position(of key: SequenceKey) -> Int? {
        let position = partitioningIndex { $0.key >= key }
        return position < count && self[position].key == key ? position : nil
    }

    /// Where the sequences of a request are.
    func positions(of request: UInt64) -> Range<Int> {
        partitioningIndex { $0.key.request >= request }..<partitioningIndex { $0.key.request > request }
    }
}
