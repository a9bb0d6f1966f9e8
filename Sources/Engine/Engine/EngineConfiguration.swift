/// Which requests may run when the KV cache is short.
public enum CapacityPolicy: String, Sendable, Hashable, CaseIterable {
    /// Admit a request only when what it reserves fits beside all running ones: its longest possible sequence, or without
    /// a limit of its own what such requests have needed. Those with a limit are never paused.
    case guaranteedNoEvict = "GUARANTEED_NO_EVICT"
    /// Admit while there is room now; when blocks run out, pause the youngest request and recompute it later.
    case maxUtilization = "MAX_UTILIZATION"
}

/// The engine's settings; nothing is optional.
public struct EngineConfiguration: Sendable, Hashable {
    /// Most sequences scheduled in one iteration.
    public var maxBatchSize: Int
    /// Most beams of a request.
    public var maxBeamWidth: Int
    /// Most different adapters in one iteration.
    public var maxAdapters: Int
    /// Most tokens (prefill and decode) in one iteration.
    public var maxNumTokens: Int
    /// Longest sequence, prompt and output.
    public var maxSequenceLength: Int
    /// Tokens of one KV block.
    public var tokensPerBlock: Int
    /// KV blocks in the pool, each of the layers of one group.
    public var blockCount: Int
    /// Whether prefixes are shared between requests.
    public var enableBlockReuse: Bool
    /// Whether a prompt may be computed over several iterations; when not, one longer than `maxNumTokens` is refused.
    public var enableChunkedPrefill: Bool
    /// Most prefill tokens of an iteration when nothing else runs, however short it is.
    public var prefillTokens: Int
    /// Most prefill tokens of an iteration that also decodes, however short it is.
    public var prefillTokensBesideDecoding: Int
    /// How long an iteration without decoding may take, in seconds; prompts are cut accordingly.
    public var iterationSeconds: Double
    /// How long an iteration that also decodes may take, in seconds; where decoding takes more than half of it, prompts
    /// get as long, but not beyond twice the goal.
    public var iterationSecondsBesideDecoding: Double
    /// What happens when the KV cache is short.
    public var capacityPolicy: CapacityPolicy
    /// Most choices that wait; more are refused.
    public var maxQueuedRequests: Int
    /// Most iterations of statistics kept for the next read.
    public var statisticsCapacity: Int
    /// Most events of the KV cache kept for the next read; 0: none is noted.
    public var kvCacheEventCapacity: Int
    /// Whether iteration statistics are collected.
    public var collectsStatistics: Bool
    /// Whether iteration statistics carry one record per request.
    public var collectsRequestStatistics: Bool
    /// Whether a request's record tells the KV blocks it was given.
    public var collectsRequestBlocks: Bool

    /// Settings with the defaults of the command line for what isn't given.
    public init(
        maxSequenceLength: Int,
        blockCount: Int,
        maxBatchSize: Int = 2048,
        maxNumTokens: Int = 8192,
        tokensPerBlock: Int = 32,
        enableBlockReuse: Bool = true,
        enableChunkedPrefill: Bool = true,
        capacityPolicy: CapacityPolicy = .guaranteedNoEvict,
        maxQueuedRequests: Int = 1024,
        statisticsCapacity: Int = 1000,
        collectsStatistics: Bool = true,
        collectsRequestStatistics: Bool = false,
        prefillTokens: Int = 1024,
        prefillTokensBesideDecoding: Int = 256,
        iterationSeconds: Double = 0.25,
        iterationSecondsBesideDecoding: Double = 0.05,
        maxBeamWidth: Int = 1,
        maxAdapters: Int = 0,
        kvCacheEventCapacity: Int = 0,
        collectsRequestBlocks: Bool = false,
    ) {
        self.maxAdapters = maxAdapters
        self.maxSequenceLength = maxSequenceLength
        self.blockCount = blockCount
        self.maxBatchSize = maxBatchSize
        self.maxBeamWidth = maxBeamWidth
        self.maxNumTokens = maxNumTokens
        self.tokensPerBlock = tokensPerBlock
        self.enableBlockReuse = enableBlockReuse
        self.enableChunkedPrefill = enableChunkedPrefill
        self.capacityPolicy = capacityPolicy
        self.maxQueuedRequests = maxQueuedRequests
        self.statisticsCapacity = statisticsCapacity
        self.kvCacheEventCapacity = kvCacheEventCapacity
        self.collectsStatistics = collectsStatistics
        self.collectsRequestStatistics = collectsRequestStatistics
        self.collectsRequestBlocks = collectsRequestBlocks
        self.prefillTokens = prefillTokens
        self.prefillTokensBesideDecoding = prefillTokensBesideDecoding
        self.iterationSeconds = iterationSeconds
        self.iterationSecondsBesideDecoding = iterationSecondsBesideDecoding
    }
}
