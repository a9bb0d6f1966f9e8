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
    /// Prompt and output so far.
    var tokens: [Int32]
    /// How many of `tokens` are in the KV cache; always fewer than all, because the newest is the next input.
    var computed = 0
    var table = BlockTable()
    /// Choices that begin when this one's prompt is computed.
    var followers: [Int] = []
    /// Prompt positions whose logits were reported, for a request that asked for them.
    var reportedPositions = 0
    /// Whether it has run and was stopped for want of blocks.
    var isPaused = false

    init(key: SequenceKey, request: EngineRequest, followers: [Int] = []) {
        self.key = key
        self.request = request
        self.followers = followers
        tokens = request.promptTokens
    }

    var promptCount: Int { request.promptTokens.count }
    var outputCount: Int { tokens.count - promptCount }
    /// Tokens to compute before the next one can be chosen.
    var remaining: Int { tokens.count - computed }
    /// Whether its next input is its newest output token, alone.
    var isDecoding: Bool { outputCount > 0 && remaining == 1 }

    /// How many tokens may come from the KV cache: not the last one, whose logits are wanted, nor any prompt position
    /// whose logits are still to be reported.
    var cacheLimit: Int {
        reportsPrompt ? min(tokens.count - 1, reportedPositions) : tokens.count - 1
    }

    /// Whether logits of prompt positions are to be reported.
    var reportsPrompt: Bool {
        (request.promptLogProbabilities != nil || request.returnContextLogits) && reportedPositions < promptCount
            && key.choice == 0
    }

    /// KV entries of the sequence at its longest: the last token is never computed.
    var longestLength: Int { promptCount + request.maxTokens - 1 }
}

extension [TokenSequence] {
    /// Inserts a sequence among others that are ordered by age.
    mutating func insertByAge(_ sequence: TokenSequence) {
        let position = lastIndex { $0.key < sequence.key }.map { $0 + 1 } ?? 0
        insert(sequence, at: position)
    }
}
