/// What the engine is doing now and has done since it started: a snapshot that never waits for the engine.
public struct EngineActivity: Sendable, Hashable {
    /// Sums since the engine started.
    public struct Totals: Sendable, Hashable {
        /// Requests taken by `submit`.
        public var submittedRequests = 0
        /// Requests refused because the queue was full.
        public var refusedRequests = 0
        /// Requests whose choices all ended by themselves.
        public var completedRequests = 0
        /// Requests that were cancelled.
        public var cancelledRequests = 0
        /// Requests that ended with an error of the engine.
        public var failedRequests = 0
        /// Choices that ended with an end or stop token.
        public var stoppedChoices = 0
        /// Choices that ended at their limit.
        public var lengthChoices = 0
        /// Tokens of the prompts of scheduled requests.
        public var promptTokens = 0
        /// Those of them that came from the KV cache.
        public var cachedPromptTokens = 0
        /// Tokens generated.
        public var generatedTokens = 0
        /// Times a sequence was paused to free its blocks.
        public var pauses = 0

        /// All zero.
        public init() {}

        mutating func count(_ events: [EngineEvent]) {
            for event in events {
                switch event {
                case .started(let cachedTokens): cachedPromptTokens += cachedTokens
                case .token: generatedTokens += 1
                case .finished(_, .length): lengthChoices += 1
                case .finished(_, .end), .finished(_, .stop), .finished(_, .complete): stoppedChoices += 1
                case .finished(_, .cancelled), .finished(_, .failed), .promptLogProbabilities, .contextLogits,
                    .embedding:
                    break
                }
            }
        }
    }

    /// Names of adapters, in alphabetical order.
    public struct Adapters: Sendable, Hashable {
        /// Those of requests that have been scheduled and haven't ended.
        public var running: [String] = []
        /// Those of requests that wait to be scheduled for the first time.
        public var waiting: [String] = []

        /// None.
        public init() {}
    }

    /// Requests that have been scheduled and haven't ended.
    public var runningRequests = 0
    /// Requests that wait to be scheduled for the first time.
    public var queuedRequests = 0
    /// The adapters of both.
    public var adapters = Adapters()
    /// Sequences paused for want of blocks.
    public var pausedSequences = 0
    /// Iterations run.
    public var iterations = 0
    /// Monotonic seconds at the beginning or end of the last iteration, whichever is later.
    public var lastTick: Double = 0
    /// Whether the engine waits for work, using no processor time.
    public var isParked = true
    /// Whether new requests are refused, because the engine drains or has stopped.
    public var isDraining = false
    /// Whether the engine's thread has ended.
    public var isStopped = false
    /// The KV cache as of the last iteration.
    public var kvCache = IterationStatistics.KVCache()
    /// The last iteration's batch.
    public var batch = IterationStatistics.InflightBatching()
    /// How long the last iteration took, in seconds.
    public var iterationSeconds: Double = 0
    /// How much of that this process spent exchanging data with other ranks, where there are any.
    public var exchangeSeconds: Double?
    /// How long the iteration that runs, or ran last, was expected to take, in seconds.
    public var expectedSeconds: Double = 0
    /// Sums since the start.
    public var totals = Totals()

    /// An engine that has done nothing yet.
    public init() {}

    /// Whether requests are queued or running.
    public var hasWork: Bool { runningRequests + queuedRequests > 0 }

    /// Whether the engine has work but hasn't ticked for `seconds`, nor for ten times as long as its iteration should take.
    ///
    /// `now` is the monotonic time of the clock the engine was given.
    public func isStalled(now: Double, after seconds: Double) -> Bool {
        hasWork && now - lastTick > max(seconds, 10 * expectedSeconds)
    }
}
