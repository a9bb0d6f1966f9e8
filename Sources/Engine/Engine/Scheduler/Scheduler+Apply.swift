/// What the scheduler keeps of a request until it ends.
struct RequestProgress: Sendable {
    /// Choices that haven't ended, ascending.
    var openChoices: [Int]
    var hasStarted = false
    /// Whether the submitter was told that it started.
    var hasAnnounced = false
    /// Prompt tokens that came from the KV cache when it started.
    var cachedTokens = 0
    /// Tokens of choices that ended.
    var endedTokens = 0
    /// Blocks of sequences that were closed.
    var counters = BlockCounters()

    init(openChoices: [Int]) {
        self.openChoices = openChoices
    }
}

extension Scheduler {
    /// A choice that is to begin with another's prompt and a first token of its own.
    private struct Fork {
        var origin: SequenceKey
        var choice: Int
        var token: StepResult.Token
    }

    /// Takes an iteration's result: sequences grow, end, and begin; blocks that are full become known.
    package mutating func apply(_ plan: StepPlan, _ result: StepResult) -> StepOutcome {
        var outcome = StepOutcome()
        var forks: [Fork] = []
        var finished: [SequenceKey] = []
        var position = 0
        for (slice, tokens) in zip(plan.slices, result.tokens) {
            while running[position].key != slice.key { position += 1 }
            advance(position, by: slice)
            announce(slice.key.request, &outcome)
            guard let own = tokens.first else { continue }
            running[position].followers = []
            if Self.append(own, to: &running[position], &requests, &outcome) { finished.append(slice.key) }
            for (choice, token) in zip(slice.choices, tokens).dropFirst() {
                forks.append(Fork(origin: slice.key, choice: choice, token: token))
            }
        }
        for fork in forks { begin(fork, &outcome) }
        for key in finished {
            if let position = running.firstIndex(where: { $0.key == key }) { finish(position) }
        }
        endRequests(&outcome)
        return outcome
    }

    private mutating func advance(_ position: Int, by slice: StepPlan.Slice) {
        running[position].computed += slice.tokens.count
        running[position].isPaused = false
        if !slice.promptRows.isEmpty {
            running[position].reportedPositions = slice.position + slice.promptRows.upperBound
        }
        let computed = running[position].computed
        cache.publish(&running[position].table, running[position].tokens, computed: computed)
    }

    private mutating func announce(_ id: UInt64, _ outcome: inout StepOutcome) {
        guard let progress = requests[id], !progress.hasAnnounced else { return }
        requests[id]?.hasAnnounced = true
        outcome.append(.started(cachedTokens: progress.cachedTokens), to: id)
    }

    /// Starts a choice beside the one that computed their prompt; it shares the prompt's blocks and copies the last one.
    ///
    /// Without room for that it waits, and computes the prompt again, mostly from the cache.
    private mutating func begin(_ fork: Fork, _ outcome: inout StepOutcome) {
        guard let origin = running.first(where: { $0.key == fork.origin }) else { return }
        let key = SequenceKey(request: fork.origin.request, choice: fork.choice)
        var sequence = TokenSequence(key: key, request: origin.request)
        guard !Self.append(fork.token, to: &sequence, &requests, &outcome) else { return }
        let promptCount = origin.computed
        if running.count < runningLimit, hasRoomToFork(origin),
            let (table, copy) = cache.fork(origin.table, tokenCount: promptCount)
        {
            if let copy { outcome.copies.append(copy) }
            sequence.table = table
            sequence.computed = promptCount
            running.insertByAge(sequence)
        } else {
            waiting.insertByAge(sequence)
        }
    }

    private func hasRoomToFork(_ origin: TokenSequence) -> Bool {
        guard configuration.capacityPolicy == .guaranteedNoEvict else { return true }
        let shared = origin.computed / cache.tokensPerBlock
        return reservedBlocks + cache.blocks(holding: origin.longestLength) - shared <= cache.availableCount
    }

    /// Adds a chosen token to a sequence.
    ///
    /// - Returns: whether it was the sequence's last.
    private static func append(
        _ token: StepResult.Token,
        to sequence: inout TokenSequence,
        _ requests: inout [UInt64: RequestProgress],
        _ outcome: inout StepOutcome,
    ) -> Bool {
        let (id, choice) = (sequence.key.request, sequence.key.choice)
        sequence.tokens.append(token.id)
        outcome.append(.token(choice: choice, id: token.id, logProbabilities: token.logProbabilities), to: id)
        let reason: EngineFinishReason
        if sequence.request.endTokens.contains(token.id) {
            reason = .end(token.id)
        } else if sequence.request.stopTokens.contains(token.id) {
            reason = .stop(token.id)
        } else if sequence.outputCount >= sequence.request.maxTokens {
            reason = .length
        } else {
            return false
        }
        outcome.append(.finished(choice: choice, reason: reason), to: id)
        requests[id]?.openChoices.removeAll { $0 == choice }
        requests[id]?.endedTokens += sequence.outputCount
        return true
    }

    /// Marks and forgets the requests whose choices have all ended.
    private mutating func endRequests(_ outcome: inout StepOutcome) {
        for position in outcome.events.indices {
            let id = outcome.events[position].request
            guard requests[id]?.openChoices.isEmpty == true else { continue }
            outcome.events[position].isLast = true
            if configuration.collectsRequestStatistics {
                outcome.ended.append(record(of: id, stage: .generationComplete, isScheduled: true))
            }
            requests[id] = nil
        }
    }
}
