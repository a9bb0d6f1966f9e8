/// Decides what each iteration computes: state in, plan out.
///
/// No clock, no input or output, no model. `plan` and `apply` alternate; `add` and `cancel` come between an `apply` and
/// the next `plan`.
package struct Scheduler: Sendable {
    /// Rows of prompt logits one request may have in an iteration; each row is as wide as the vocabulary.
    static let promptLogitRows = 64

    /// The limits it keeps.
    package let configuration: EngineConfiguration
    package internal(set) var cache: KVCacheManager
    /// Sequences without blocks, oldest first.
    var waiting: [TokenSequence] = []
    /// Sequences with blocks, oldest first.
    var running: [TokenSequence] = []
    /// All requests that haven't ended.
    var requests: [UInt64: RequestProgress] = [:]
    /// Times a sequence was paused since the start.
    package internal(set) var pauseCount = 0

    /// A scheduler with an empty cache.
    package init(configuration: EngineConfiguration) {
        self.configuration = configuration
        cache = KVCacheManager(
            blockCount: configuration.blockCount,
            tokensPerBlock: configuration.tokensPerBlock,
            sharesPrefixes: configuration.enableBlockReuse,
        )
    }

    /// Whether any request hasn't ended.
    package var hasWork: Bool { !requests.isEmpty }
    /// Requests that have run.
    package var runningRequestCount: Int { requests.values.count { $0.hasStarted } }
    /// Requests that wait to run for the first time.
    package var queuedRequestCount: Int { requests.values.count { !$0.hasStarted } }
    /// Sequences stopped for want of blocks.
    package var pausedSequenceCount: Int { waiting.count { $0.isPaused } }
    /// Most sequences that run at once: each needs a place in the batch and one token of the iteration.
    var runningLimit: Int { min(configuration.maxBatchSize, configuration.maxNumTokens) }

    /// Queues a request that was validated; ids must ascend.
    package mutating func add(_ request: EngineRequest, id: UInt64) {
        requests[id] = RequestProgress(openChoices: Array(0..<request.choiceCount))
        let key = SequenceKey(request: id, choice: 0)
        waiting.append(TokenSequence(key: key, request: request, followers: Array(1..<request.choiceCount)))
    }

    /// Ends a request wherever it is and frees its blocks; nothing when it has ended.
    ///
    /// - Returns: its last events.
    package mutating func cancel(_ id: UInt64) -> StepOutcome {
        var outcome = StepOutcome()
        guard let progress = requests[id] else { return outcome }
        for position in running.indices.reversed() where running[position].key.request == id {
            finish(position)
        }
        waiting.removeAll { $0.key.request == id }
        for choice in progress.openChoices { outcome.append(.finished(choice: choice, reason: .cancelled), to: id) }
        for position in outcome.events.indices { outcome.events[position].isLast = true }
        if configuration.collectsRequestStatistics {
            outcome.ended = [record(of: id, stage: .generationComplete, isScheduled: false)]
        }
        requests[id] = nil
        return outcome
    }

    /// Forgets all requests and all that is cached.
    package mutating func reset() {
        for position in running.indices.reversed() { finish(position) }
        cache.forgetPrefixes()
        waiting = []
        requests = [:]
    }

    /// Decides the next iteration: every running sequence that decodes, and prefill within the budget.
    package mutating func plan() -> StepPlan {
        var plan = StepPlan()
        extendDecodingSequences()
        admit(&plan)
        adoptSharedPrefixes()
        let shares = prefillShares()
        for position in running.indices {
            let count = running[position].isDecoding ? 1 : shares[position]
            if count > 0 { plan.slices.append(slice(of: position, count: count, started: &plan.started)) }
        }
        return plan
    }

    /// Gives each decoding sequence the block its next token needs; where there is none, pauses the youngest sequences.
    private mutating func extendDecodingSequences() {
        var position = 0
        while position < running.count {
            let length = running[position].tokens.count
            while position < running.count, !cache.extend(&running[position].table, toHold: length) {
                pause(running.count - 1)
            }
            position += 1
        }
    }

    /// Moves waiting sequences into the batch, oldest first, while there are places and blocks.
    private mutating func admit(_ plan: inout StepPlan) {
        while let sequence = waiting.first, running.count < runningLimit {
            let match = cache.match(sequence.tokens, limit: sequence.cacheLimit)
            guard hasCapacity(for: sequence, match) else { return }
            guard let (table, copy) = cache.open(match, tokenCount: sequence.tokens.count) else { return }
            if let copy { plan.copies.append(copy) }
            var admitted = waiting.removeFirst()
            admitted.table = table
            admitted.computed = match.tokenCount
            running.insertByAge(admitted)
        }
    }

    /// Whether a sequence may be given its blocks now, by the capacity policy.
    private func hasCapacity(for sequence: TokenSequence, _ match: KVCacheManager.Match) -> Bool {
        let free = cache.availableCount - match.availableCount
        switch configuration.capacityPolicy {
        case .guaranteedNoEvict:
            let needed = cache.blocks(holding: sequence.longestLength) - match.blocks.count
            return reservedBlocks + needed <= free
        case .maxUtilization:
            // One block to spare for each running sequence, so that a newcomer isn't paused at once.
            let needed = cache.blocks(holding: sequence.tokens.count) - match.blocks.count
            return needed + running.count <= free
        }
    }

    /// Blocks that running sequences don't have yet but may come to need.
    var reservedBlocks: Int {
        running.reduce(0) { sum, sequence in
            sum + max(0, cache.blocks(holding: sequence.longestLength) - sequence.table.blocks.count)
        }
    }

    /// Lets prompts skip what others have computed since they were admitted.
    private mutating func adoptSharedPrefixes() {
        for position in running.indices where !running[position].isDecoding {
            let sequence = running[position]
            running[position].computed = cache.adopt(
                &running[position].table,
                sequence.tokens,
                computed: sequence.computed,
                limit: sequence.cacheLimit,
            )
        }
    }

    /// How many prefill tokens each running sequence computes in this iteration.
    private func prefillShares() -> [Int] {
        let decoding = running.count { $0.isDecoding }
        let prefilling = running.indices.filter { !running[$0].isDecoding }
        let most = configuration.maxNumTokens - decoding
        let bound =
            decoding > 0 ? configuration.prefillTokensBesideDecoding : configuration.prefillTokens
        let isChunked =
            configuration.enableChunkedPrefill
            || prefilling.contains { running[$0].remaining > configuration.maxNumTokens }
        // A prompt whose logits are reported is cut in any case: its rows of logits need memory.
        let remaining = prefilling.map { position in
            let sequence = running[position]
            return sequence.reportsPrompt ? min(sequence.remaining, Self.promptLogitRows) : sequence.remaining
        }
        let parts =
            isChunked
            ? PrefillShare.shares(remaining: remaining, budget: min(most, bound))
            : PrefillShare.wholeShares(remaining: remaining, budget: most)
        var shares = [Int](repeating: 0, count: running.count)
        for (position, part) in zip(prefilling, parts) { shares[position] = part }
        return shares
    }

    private mutating func slice(of position: Int, count: Int, started: inout [UInt64]) -> StepPlan.Slice {
        let sequence = running[position]
        let id = sequence.key.request
        if requests[id]?.hasStarted == false {
            requests[id]?.hasStarted = true
            requests[id]?.cachedTokens = sequence.computed
            started.append(id)
        }
        let end = sequence.computed + count
        let reported = sequence.reportsPrompt ? sequence.promptCount : 0
        let first = min(max(sequence.reportedPositions, sequence.computed), end)
        return StepPlan.Slice(
            key: sequence.key,
            tokens: Array(sequence.tokens[sequence.computed..<end]),
            position: sequence.computed,
            blocks: sequence.table.blocks,
            promptRows: first - sequence.computed..<max(first, min(end, reported)) - sequence.computed,
            choices: end == sequence.tokens.count ? [sequence.key.choice] + sequence.followers : [],
            outputCount: sequence.outputCount,
            isDecoding: sequence.isDecoding,
        )
    }
}
