/// What the scheduler keeps of a request until it ends.
struct RequestProgress: Sendable {
    /// Choices that haven't ended, ascending.
    var openChoices: [Int]
    /// With whom it takes turns.
    let group: TurnGroup
    /// The name of its adapter, if it has one.
    let adapter: String?
    /// How many choices are told of, for a request with beams.
    var returnedCount: Int?
    /// Whether it has beams.
    var hasBeams: Bool { returnedCount != nil }
    var hasStarted = false
    /// Whether the submitter was told that it started.
    var hasAnnounced = false
    /// Prompt tokens that came from the KV cache when it started.
    var cachedTokens = 0
    /// Tokens of choices that ended.
    var endedTokens = 0
    /// Blocks of sequences that were closed.
    var counters = BlockCounters()

    init(openChoices: [Int], group: TurnGroup, adapter: String?) {
        self.openChoices = openChoices
        self.adapter = adapter
        self.group = group
    }
}

extension Scheduler {
    /// A choice that is to begin with another's prompt and first tokens of its own.
    private struct Fork {
        var origin: SequenceKey
        var choice: Int
        var run: StepResult.Run
    }

    /// Takes the result of the oldest iteration: sequences grow, end, and begin; blocks that are full become known.
    package mutating func apply(_ plan: StepPlan, _ result: StepResult) -> StepOutcome {
        var outcome = StepOutcome()
        var forks: [Fork] = []
        for (slice, runs) in zip(plan.slices, result.runs) {
            // What was cancelled in flight is there no more.
            guard let position = running.position(of: slice.key) else { continue }
            running[position].isInFlight = false
            advance(position, by: slice)
            announce(slice.key.request, &outcome)
            if running[position].wantsNothingMore { endWithoutOutput(position, &outcome) }
            guard let own = runs.first else { continue }
            running[position].followers = []
            if Self.append(own, to: &running[position], &outcome) { close(running[position]) }
            for (choice, run) in zip(slice.choices, runs).dropFirst() {
                forks.append(Fork(origin: slice.key, choice: choice, run: run))
            }
        }
        begin(forks, &outcome)
        for step in result.beams { move(step, &outcome) }
        for position in running.indices where running[position].hasEnded { end(position) }
        removeEnded()
        endRequests(&outcome)
        return outcome
    }

    /// Ends the choices of a request that wanted no token, once its prompt is computed.
    private mutating func endWithoutOutput(_ position: Int, _ outcome: inout StepOutcome) {
        let sequence = running[position]
        for choice in [sequence.key.choice] + sequence.followers {
            outcome.append(.finished(choice: choice, reason: .length), to: sequence.key.request)
            close(
                TokenSequence(
                    key: SequenceKey(request: sequence.key.request, choice: choice),
                    request: sequence.request
                )
            )
        }
        running[position].hasEnded = true
    }

    private mutating func advance(_ position: Int, by slice: StepPlan.Slice) {
        running[position].computed += slice.tokens.count
        running[position].isPaused = false
        if !slice.promptRows.isEmpty {
            running[position].reportedPositions = slice.position + slice.promptRows.upperBound
        }
        let computed = running[position].computed
        cache.publish(&running[position].table, running[position].tokens, computed: computed)
        cache.leaveBehind(&running[position].table, computed: computed)
    }

    private mutating func announce(_ id: UInt64, _ outcome: inout StepOutcome) {
        guard let progress = requests[id], !progress.hasAnnounced else { return }
        requests[id]?.hasAnnounced = true
        outcome.append(.started(cachedTokens: progress.cachedTokens), to: id)
    }

    /// Starts choices beside the ones that computed their prompts; they share the prompt's blocks and copy the last one.
    ///
    /// Without room for that a choice waits, and computes the prompt again, mostly from the cache.
    private mutating func begin(_ forks: [Fork], _ outcome: inout StepOutcome) {
        guard !forks.isEmpty else { return }
        var demand = Demand(of: running, self)
        let places = placeLimit
        for fork in forks {
            guard let position = running.position(of: fork.origin) else { continue }
            let origin = running[position]
            let key = SequenceKey(request: fork.origin.request, choice: fork.choice)
            var sequence = TokenSequence(key: key, request: origin.request)
            guard !Self.append(fork.run, to: &sequence, &outcome) else {
                close(sequence)
                continue
            }
            let computed = origin.computed
            if hasPlace(for: sequence, of: places), hasRoom(toFork: origin, demand),
                let (table, copies) = cache.fork(origin.table, tokenCount: computed)
            {
                outcome.copies += copies
                sequence.table = table
                sequence.computed = computed
                demand.add(sequence, self)
                place(sequence)
            } else {
                waiting.insert(sequence)
            }
        }
    }

    /// Adds a run of tokens to a sequence, up to one that ends it.
    ///
    /// - Returns: whether the sequence has ended.
    private static func append(
        _ run: StepResult.Run,
        to sequence: inout TokenSequence,
        _ outcome: inout StepOutcome,
    ) -> Bool {
        let start = sequence.outputCount
        var reason: EngineFinishReason?
        if let first = run.first { reason = append(first, to: &sequence, &outcome) }
        for token in run.rest where reason == nil { reason = append(token, to: &sequence, &outcome) }
        // What is complete with its last token is complete, though there were no room for another.
        if reason == nil || reason == .length, sequence.outputCount == start + run.count {
            reason = run.reason ?? reason
        }
        guard let reason else {
            sequence.forcedCount = run.rest.count
            return false
        }
        let event = EngineEvent.finished(choice: sequence.key.choice, reason: reason)
        outcome.append(event, to: sequence.key.request)
        sequence.hasEnded = true
        return true
    }

    /// Adds a token to a sequence.
    ///
    /// - Returns: why the sequence ends with it, if it does.
    private static func append(
        _ token: StepResult.Token,
        to sequence: inout TokenSequence,
        _ outcome: inout StepOutcome,
    ) -> EngineFinishReason? {
        let (id, choice) = (sequence.key.request, sequence.key.choice)
        sequence.tokens.append(token.id)
        outcome.append(.token(choice: choice, id: token.id, logProbabilities: token.logProbabilities), to: id)
        if sequence.request.endTokens.contains(token.id) { return .end(token.id) }
        if sequence.request.stopTokens.contains(token.id) { return .stop(token.id) }
        return sequence.outputCount >= sequence.request.maxTokens ? .length : nil
    }

    /// Marks and forgets the requests whose choices have all ended.
    private mutating func endRequests(_ outcome: inout StepOutcome) {
        for position in outcome.events.indices {
            let id = outcome.events[position].request
            if configuration.collectsRequestBlocks { outcome.events[position].blocks = blocks(of: id) }
            guard requests[id]?.openChoices.isEmpty == true else { continue }
            outcome.events[position].isLast = true
            if configuration.collectsRequestStatistics {
                outcome.ended.append(record(of: id, stage: .generationComplete, isScheduled: true))
            }
            forget(id)
        }
    }
}

extension StepResult.Run {
    /// How many tokens it has.
    fileprivate var count: Int { (first == nil ? 0 : 1) + rest.count }

    /// Why the choice ends behind it, if it does.
    fileprivate var reason: EngineFinishReason? {
        switch ending {
        case nil: nil
        case .complete: .complete
        case .failed(let why): .failed(why)
        }
    }
}
