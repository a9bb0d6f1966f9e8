public import Models
internal import Synchronization

/// The engine: takes requests of token ids and streams back the tokens a model continues them with.
///
/// One actor on a thread of its own owns all mutable state; requests come in through a bounded queue and events go out
/// through one channel per request, in one batch per iteration. With nothing to do the thread parks.
public actor EngineLoop {
    /// The settings it runs with.
    public nonisolated let configuration: EngineConfiguration
    /// Sizes of the model it runs.
    public nonisolated let limits: ModelLimits
    /// Whether its model makes text; encoders make embeddings only.
    public nonisolated var generates: Bool { limits.isCausal }

    /// Most rows of logits that exist at once, however many an iteration has.
    public static let logitRowsAtOnce = ModelRunner.logitRowsAtOnce

    private nonisolated let thread = EngineThread()
    nonisolated let inbox = EngineInbox()
    nonisolated let statistics: NewestQueue<IterationStatistics>
    private nonisolated let kvCacheEvents: NewestQueue<NumberedKVCacheEvent>
    private var kvCacheEventCount = 0
    nonisolated let clock: EngineClock
    /// What iterations do when, for whoever wants to know.
    public nonisolated let profiler = EngineProfiler()
    /// Called on the engine's thread with the statistics of each iteration, which it may add to.
    let whenIterated: @Sendable (inout IterationStatistics) -> Void

    var runner: ModelRunner
    var scheduler: Scheduler
    var reader: LogitReader
    var recorder = StatisticsRecorder()
    var live: [UInt64: LiveRequest] = [:]
    /// The iterations that the model computes, oldest first.
    private var inFlight: [Iteration] = []
    var activityNow = EngineActivity()
    /// What the model had spent exchanging data with other ranks when the last iteration ended.
    var exchangedSeconds = 0.0

    /// The engine's thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Allocates the KV cache and starts the engine's thread.
    ///
    /// - Parameter whenIterated: Called on that thread with the statistics of each iteration, if they are collected, before
    ///   they are kept; it may add to them, and mustn't wait.
    /// - Throws: `EngineError` when a setting is out of its range, or the cache is too small or can't be had.
    public init(
        model: any LanguageModel,
        configuration: EngineConfiguration,
        clock: EngineClock = .system,
        whenIterated: @escaping @Sendable (inout IterationStatistics) -> Void = { _ in },
    ) throws(EngineError) {
        var configuration = configuration
        if !model.limits.isCausal {
            // Tokens see all of their text, which is computed at once, and are worth nothing to another.
            (configuration.enableChunkedPrefill, configuration.enableBlockReuse) = (false, false)
        }
        try RequestValidation.check(configuration, model.limits)
        self.configuration = configuration
        self.clock = clock
        self.whenIterated = whenIterated
        limits = model.limits
        statistics = NewestQueue(capacity: configuration.statisticsCapacity)
        kvCacheEvents = NewestQueue(capacity: configuration.kvCacheEventCapacity)
        runner = try ModelRunner(model: model, configuration: configuration)
        scheduler = Scheduler(configuration: configuration, groups: model.limits.kvGroups)
        reader = LogitReader(model: model)
        activityNow.kvCache = scheduler.cache.statistics
        activityNow.lastTick = clock.monotonicSeconds()
        inbox.publish(activityNow, waitingChoices: 0)
        try thread.start(name: "engine") { [weak self] in
            self?.assumeIsolated { $0.tick() } ?? false
        }
    }

    deinit {
        thread.stop()
        profiler.stop()
        for submission in inbox.takeMail().submissions { submission.channel.finish(.shuttingDown) }
        for request in live.values { request.channel.finish(.shuttingDown) }
    }

    /// Checks a request and queues it.
    ///
    /// - Throws: `EngineError` when the request can't be run, or the queue is full, or the engine is shutting down.
    public nonisolated func submit(_ request: EngineRequest) throws(EngineError) -> EngineStream {
        try RequestValidation.check(request, configuration, limits)
        let channel = try inbox.submit(
            request,
            arrival: clock.monotonicSeconds(),
            limit: configuration.maxQueuedRequests,
        )
        thread.wake()
        let lifetime = StreamLifetime(channel: channel) { [inbox, thread] id in
            inbox.cancel(id)
            thread.wake()
        }
        return EngineStream(lifetime: lifetime)
    }

    /// Ends a request within one iteration, wherever it is; its open choices finish as cancelled.
    public nonisolated func cancel(_ id: UInt64) {
        inbox.cancel(id)
        thread.wake()
    }

    /// What the engine is doing; never waits for it.
    public nonisolated var activity: EngineActivity { inbox.activity }

    /// The statistics of iterations since the last call, oldest first; never waits for the engine.
    public nonisolated func drainStatistics() -> [IterationStatistics] { statistics.drain() }

    /// Events of the KV cache since the last call, oldest first, those that were too many left out; never waits for the engine.
    public nonisolated func drainKVCacheEvents() -> [NumberedKVCacheEvent] { kvCacheEvents.drain() }

    /// Refuses new requests and waits until those running and queued have ended; what hasn't by then is cancelled.
    ///
    /// - Returns: whether all ended by themselves.
    @discardableResult
    public nonisolated func drain(timeout: Duration) async -> Bool {
        inbox.refuseNewRequests()
        guard await !isIdle(within: timeout) else { return true }
        inbox.cancelEverything()
        // One iteration suffices; a model that hangs in it mustn't hang the caller.
        _ = await isIdle(within: .seconds(5))
        return false
    }

    /// Waits until the engine has nothing to do, but no longer than `timeout`.
    private nonisolated func isIdle(within timeout: Duration) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { [inbox, thread] in
                await inbox.waitUntilIdle { thread.wake() }
                return !Task.isCancelled
            }
            group.addTask {
                try? await Task.sleep(for: timeout)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }

    /// Ends every request with `EngineError.shuttingDown` and the engine's thread; returns when it has ended.
    public nonisolated func shutdown() async {
        inbox.requestStop()
        thread.wake()
        await thread.waitUntilEnded()
    }

    // MARK: The loop

    /// What the model computes at a time.
    private struct Iteration {
        var plan: StepPlan
        /// When it was planned, seconds of the clock.
        var begin: Double
        /// Filled while it runs, if somebody wants to know.
        var profile: IterationProfile?
    }

    /// One turn of the loop: mail in, as many iterations begun as may be in flight, one of them ended, events out.
    ///
    /// - Returns: whether there is more to do at once.
    private func tick() -> Bool {
        guard receiveMail() else { return false }
        do throws(EngineError) {
            try fillPipeline()
            guard !inFlight.isEmpty else { return rest() }
            var iteration = inFlight.removeFirst()
            runner.finish()
            iteration.profile?.finished = clock.monotonicSeconds()
            poolHiddenStates(of: iteration.plan)
            let result = try readLogits(of: iteration.plan)
            iteration.profile?.chosen = clock.monotonicSeconds()
            try runner.checkModel()
            let outcome = scheduler.apply(iteration.plan, result)
            runner.copy(outcome.copies)
            conclude(iteration.plan, outcome, begin: iteration.begin)
            if let profile = iteration.profile { conclude(profile) }
        } catch {
            fail(error)
        }
        return true
    }

    /// Begins iterations of different sequences while the model takes more and there are any.
    private func fillPipeline() throws(EngineError) {
        while inFlight.count < runner.model.batchesAtOnce {
            let begin = clock.monotonicSeconds()
            var profile = newProfile(begin)
            let plan = scheduler.plan(inFlight: runner.model.batchesAtOnce)
            guard !plan.slices.isEmpty else { return }
            for id in plan.started { live[id]?.record.firstScheduled = begin }
            activityNow.expectedSeconds = scheduler.costs.seconds(StepLoad(plan))
            publish(at: begin, isParked: false)
            profile?.planned = clock.monotonicSeconds()
            try runner.begin(plan)
            profile?.computed = clock.monotonicSeconds()
            inFlight.append(Iteration(plan: plan, begin: begin, profile: profile))
        }
    }

    /// Nothing can be scheduled: parks, or ends what would otherwise wait for ever.
    private func rest() -> Bool {
        guard !scheduler.hasWork else {
            fail(.failed("no waiting request could be scheduled"))
            return true
        }
        publish(at: clock.monotonicSeconds(), isParked: true)
        inbox.announceIdle()
        return false
    }

    /// Takes in requests, cancellations and orders; false when the loop is to end.
    private func receiveMail() -> Bool {
        let mail = inbox.takeMail()
        for submission in mail.submissions {
            let id = submission.channel.id
            live[id] = LiveRequest(submission)
            scheduler.add(submission.request, id: id)
        }
        if mail.isStopping {
            stop()
            return false
        }
        let cancelled = mail.cancelsEverything ? live.keys.sorted() : mail.cancellations
        for id in cancelled {
            let outcome = scheduler.cancel(id)
            guard !outcome.events.isEmpty else { continue }
            activityNow.totals.cancelledRequests += 1
            deliver(outcome, at: clock.monotonicSeconds())
        }
        return true
    }

    private func stop() {
        profiler.stop()
        endAll(with: .shuttingDown)
        activityNow.isStopped = true
        publish(at: clock.monotonicSeconds(), isParked: true)
        inbox.announceIdle()
        thread.stop()
    }

    /// Ends every request with an error, so that nobody waits for what won't come; the engine goes on with new ones.
    private func fail(_ error: EngineError) {
        activityNow.totals.failedRequests += live.count
        endAll(with: error)
    }

    private func endAll(with error: EngineError) {
        for _ in inFlight { runner.finish() }
        inFlight = []
        for request in live.values { request.channel.finish(error) }
        live = [:]
        scheduler.reset()
    }

    /// Lets others see what the engine is doing.
    func publish(at time: Double, isParked: Bool) {
        for event in scheduler.cache.takeEvents() {
            kvCacheEvents.append(NumberedKVCacheEvent(id: kvCacheEventCount, event: event))
            kvCacheEventCount += 1
        }
        activityNow.lastTick = time
        activityNow.isParked = isParked
        activityNow.runningRequests = scheduler.runningRequestCount
        activityNow.queuedRequests = scheduler.queuedRequestCount
        activityNow.adapters = scheduler.adapters.activity
        activityNow.pausedSequences = scheduler.pausedSequenceCount
        activityNow.kvCache = scheduler.cache.statistics
        activityNow.totals.pauses = scheduler.pauseCount
        inbox.publish(activityNow, waitingChoices: scheduler.waitingChoiceCount)
    }
}
