public import Engine
public import Generation

/// A model that is ready to serve.
public struct ServingModel: Sendable {
    /// Where prompts become text.
    public var backend: any GenerationBackend
    /// The statistics of iterations since the last call; empty when they are off.
    ///
    /// Never waits for the engine.
    public var drainStatistics: @Sendable () -> [IterationStatistics]
    /// Events of the KV cache since the last call; never waits for the engine.
    public var drainKVCacheEvents: @Sendable () -> [NumberedKVCacheEvent]
    /// What the engine is doing; never waits for it.
    public var activity: @Sendable () -> EngineActivity
    /// The embedding of a prompt, `[hidden size]`, and how many tokens the prompt has.
    public typealias Embed =
        @Sendable (GenerationRequest) async throws(GenerationError) -> (
            vector: [Float], promptTokens: Int
        )

    /// Makes embeddings; `nil` when the model isn't made for them.
    public var embed: Embed?
    /// The adapters that requests may name; `nil` when there can't be any.
    public var adapters: AdapterLibrary?
    /// What iterations do when.
    public var profiler: EngineProfiler
    /// The clock the engine was given.
    public var clock: EngineClock
    /// `system_fingerprint` of every answer: equal for servers that answer alike.
    public var fingerprint: String
    /// What the processes take that compute the model together; `nil` where there is one.
    public var ranks: (@Sendable () -> RankFigures)?

    /// A model.
    public init(
        backend: any GenerationBackend,
        drainStatistics: @escaping @Sendable () -> [IterationStatistics],
        drainKVCacheEvents: @escaping @Sendable () -> [NumberedKVCacheEvent] = { [] },
        activity: @escaping @Sendable () -> EngineActivity,
        embed: Embed? = nil,
        adapters: AdapterLibrary? = nil,
        profiler: EngineProfiler = EngineProfiler(),
        clock: EngineClock = .system,
        fingerprint: String = SystemFingerprint.text(of: []),
        ranks: (@Sendable () -> RankFigures)? = nil,
    ) {
        self.ranks = ranks
        self.backend = backend
        self.drainStatistics = drainStatistics
        self.drainKVCacheEvents = drainKVCacheEvents
        self.activity = activity
        self.embed = embed
        self.adapters = adapters
        self.profiler = profiler
        self.clock = clock
        self.fingerprint = fingerprint
    }
}
