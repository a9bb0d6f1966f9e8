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

    private nonisolated let thread = EngineThread()
    private nonisolated let inbox = EngineInbox()
    private nonisolated let clock: EngineClock

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Allocates the KV cache and starts the engine's thread.
    ///
    /// - Throws: `EngineError` when a setting is out of its range, or the cache is too small or can't be had.
    public init(
        model: any LanguageModel,
        configuration: EngineConfiguration,
        clock: EngineClock = .system,
    ) throws(EngineError) {
        self.configuration = configuration
        self.clock = clock
        limits = model.limits
    }

    /// Checks a request and queues it.
    ///
    /// - Throws: `EngineError` when the request can't be run, or the queue is full, or the engine is shutting down.
    public nonisolated func submit(_ request: EngineRequest) throws(EngineError) -> EngineStream {
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
    public nonisolated func drainStatistics() -> [IterationStatistics] { [] }

    /// Refuses new requests and waits until those running and queued have ended; what hasn't by then is cancelled.
    ///
    /// - Returns: whether all ended by themselves.
    @discardableResult
    public nonisolated func drain(timeout: Duration) async -> Bool {
        inbox.refuseNewRequests()
        return true
    }

    /// Ends every request with `EngineError.shuttingDown` and the engine's thread; returns when it has ended.
    public nonisolated func shutdown() async {
        inbox.requestStop()
    }
}
