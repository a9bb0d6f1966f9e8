package import Models

/// Decides what each iteration computes: state in, plan out.
///
/// No clock, no input or output, no model. Plans are applied in their order, one behind the other or some later where several
/// iterations are in flight; `add` and `cancel` come between.
package struct Scheduler: Sendable {
    /// The limits it keeps.
    package let configuration: EngineConfiguration
    package internal(set) var cache: KVCacheManager
    /// Sequences without blocks.
    var waiting = WaitingLine()
    /// Sequences with blocks, oldest first.
    var running: [TokenSequence] = []
    /// All requests that haven't ended.
    var requests: [UInt64: RequestProgress] = [:]
    /// Times a sequence was paused since the start.
    package internal(set) var pauseCount = 0
    /// What iterations cost; whoever runs them tells it.
    package var costs = StepCosts()
    /// How long answers without a limit get.
    var outputLengths = OutputLengthEstimate()
    /// Whether nobody is admitted until there is room for one that was passed too often.
    var savesBlocks = false
    private var startedCount = 0
    /// The adapters of those that haven't ended.
    package private(set) var adapters = AdapterTally()
    private var openChoiceCount = 0
    /// Requests with beams that haven't ended.
    private(set) var beamRequestCount = 0

    /// A scheduler with an empty cache for a model's groups of layers.
    package init(configuration: EngineConfiguration, groups: [KVGroup]) {
        self.configuration = configuration
        cache = KVCacheManager(
            blockCount: configuration.blockCount,
            layout: BlockLayout(configuration, groups: groups),
            sharesPrefixes: configuration.enableBlockReuse,
            notesEvents: configuration.kvCacheEventCapacity > 0,
        )
    }

    /// Whether any request hasn't ended.
    package var hasWork: Bool { !requests.isEmpty }
    /// Requests that have run.
    package var runningRequestCount: Int { startedCount }
    /// Requests that wait to run for the first time.
    package var queuedRequestCount: Int { requests.count - startedCount }
    /// Choices that have no place in the batch.
    package var waitingChoiceCount: Int { openChoiceCount - running.count }
    /// Sequences stopped for want of blocks.
    package var pausedSequenceCount: Int { waiting.pausedCount }
    /// Most sequences that run at once: each needs a place in the batch and one token of the iteration.
    var runningLimit: Int { min(configuration.maxBatchSize, configuration.maxNumTokens) }

    /// Queues a request that was validated; ids must ascend.
    package mutating func add(_ request: EngineRequest, id: UInt64) {
        let key = SequenceKey(request: id, choice: 0)
        let count = request.sequenceCount
        var request = request
        // Beams run together or not at all, so none of them is ever paused.
        if request.beams != nil {
            request.hasExplicitLimit = true
            beamRequestCount += 1
        }
        let sequence = TokenSequence(key: key, request: request, followers: Array(1..<count))
        requests[id] = RequestProgress(
            openChoices: Array(0..<count),
            group: sequence.group,
            adapter: request.adapter?.name
        )
        adapters.add(request.adapter?.name)
        requests[id]?.returnedCount = request.beams.map { _ in request.choiceCount }
        openChoiceCount += count
        waiting.insert(sequence)
    }

    /// Ends a request wherever it is and frees its blocks; nothing when it has ended.
    ///
    /// - Returns: its last events.
    package mutating func cancel(_ id: UInt64) -> StepOutcome {
        var outcome = StepOutcome()
        guard let progress = requests[id] else { return outcome }
        for position in running.positions(of: id) { end(position) }
        removeEnded()
        waiting.removeAll(of: id, in: progress.group)
        for choice in progress.openChoices.prefix(progress.returnedCount ?? .max) {
            outcome.append(.finished(choice: choice, reason: .cancelled), to: id)
        }
        for position in outcome.events.indices { outcome.events[position].isLast = true }
        if configuration.collectsRequestStatistics {
            outcome.ended = [record(of: id, stage: .generationComplete, isScheduled: false)]
        }
        forget(id)
        return outcome
    }

    /// Forgets a request of which nothing runs or waits any more.
    mutating func forget(_ id: UInt64) {
        guard let progress = requests.removeValue(forKey: id) else { return }
        openChoiceCount -= progress.openChoices.count
        if progress.hasStarted { startedCount -= 1 }
        adapters.end(progress.adapter, hasStarted: progress.hasStarted)
        if progress.hasBeams { beamRequestCount -= 1 }
    }

    /// Notes that the choice of a sequence has ended.
    mutating func close(_ sequence: TokenSequence) {
        let (id, choice) = (sequence.key.request, sequence.key.choice)
        guard let index = requests[id]?.openChoices.firstIndex(of: choice) else { return }
        requests[id]?.openChoices.remove(at: index)
        requests[id]?.endedTokens += sequence.outputCount
        openChoiceCount -= 1
    }

    /// Notes that all choices of a request have ended.
    mutating func closeAll(_ id: UInt64) {
        openChoiceCount -= requests[id]?.openChoices.count ?? 0
        requests[id]?.openChoices = []
    }

    /// Forgets all requests and all that is cached.
    package mutating func reset() {
        for position in running.indices { end(position) }
        removeEnded()
        cache.forgetPrefixes()
        waiting.removeAll()
        (requests, adapters) = ([:], AdapterTally())
        (startedCount, openChoiceCount, beamRequestCount, savesBlocks) = (0, 0, 0, false)
    }

    /// Decides the next iteration: every running sequence that decodes, and prefill within the budget.
    ///
    /// - Parameter count: How many iterations may be in flight, of different sequences: each has its part of those that decode.
    package mutating func plan(inFlight count: Int = 1) -> StepPlan {
        var plan = StepPlan()
        for position in running.indices { running[position].isLeftOut = running[position].isInFlight }
        extendSequences()
        admit(&plan)
        adoptSharedPrefixes()
        if count > 1 { leaveOutOthers(iterations: count) }
        let shares = covered(shares())
        for (position, count) in zip(running.indices, shares) where count > 0 {
            plan.slices.append(slice(of: position, count: count, started: &plan.started))
            running[position].isInFlight = true
        }
        // Rows of an adapter are computed together if they follow each other.
        if plan.slices.contains(where: { $0.adapter != nil }) {
            plan.slices.sort { ($0.adapter?.id ?? 0, $0.key) < ($1.adapter?.id ?? 0, $1.key) }
        }
        return plan
    }

    /// Leaves to the other iterations in flight what is more than this one's part of the sequences that decode; those of a
    /// request stay together.
    private mutating func leaveOutOthers(iterations count: Int) {
        let decoding = running.count(where: \.isDecoding)
        let most = (decoding + count - 1) / count
        var taken = 0
        var position = 0
        while position < running.count {
            let own = running.positions(of: running[position].key.request)
            let size = own.count { running[$0].isDecoding && !running[$0].isLeftOut }
            if taken > 0, taken + size > most {
                for place in own where running[place].isDecoding { running[place].isLeftOut = true }
            } else {
                taken += size
            }
            position = own.upperBound
        }
    }

    /// Lets prompts skip what others have computed since they were admitted.
    private mutating func adoptSharedPrefixes() {
        for position in running.indices where !running[position].isDecoding && !running[position].isInFlight {
            let sequence = running[position]
            running[position].computed = cache.adopt(
                &running[position].table,
                sequence.tokens,
                computed: sequence.computed,
                limit: sequence.cacheLimit,
            )
        }
    }

    private mutating func slice(of position: Int, count: Int, started: inout [UInt64]) -> StepPlan.Slice {
        let sequence = running[position]
        let id = sequence.key.request
        if requests[id]?.hasStarted == false {
            requests[id]?.hasStarted = true
            requests[id]?.cachedTokens = sequence.computed
            startedCount += 1
            adapters.start(sequence.request.adapter?.name)
            started.append(id)
        }
        let end = sequence.computed + count
        let reported = sequence.unreportedPositions
        let first = min(max(reported.lowerBound, sequence.computed), end)
        return StepPlan.Slice(
            key: sequence.key,
            tokens: Array(sequence.tokens[sequence.computed..<end]),
            position: sequence.computed,
            blocks: sequence.table.blocks,
            promptRows: first - sequence.computed..<max(first, min(end, reported.upperBound)) - sequence.computed,
            isPooled: sequence.request.pooledPositions != nil,
            choices: end == sequence.tokens.count && sequence.request.maxTokens > 0
                ? [sequence.key.choice] + (sequence.request.beams == nil ? sequence.followers : []) : [],
            outputCount: sequence.outputCount,
            isDecoding: sequence.isDecoding,
            adapter: sequence.request.adapter,
        )
    }
}
