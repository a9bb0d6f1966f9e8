/// What one engine iteration did; times in milliseconds, memory in bytes.
public struct IterationStatistics: Sendable, Hashable {
    /// The KV cache after the iteration; allocations are cumulative.
    public struct KVCache: Sendable, Hashable {
        public var allocNewBlocks = 0
        public var allocTotalBlocks = 0
        public var freeNumBlocks = 0
        public var maxNumBlocks = 0
        public var missedBlocks = 0
        public var reusedBlocks = 0
        public var tokensPerBlock = 0
        public var usedNumBlocks = 0
        /// reused / (reused + missed); 0 before the first block.
        public var cacheHitRate: Double {
            reusedBlocks + missedBlocks == 0 ? 0 : Double(reusedBlocks) / Double(reusedBlocks + missedBlocks)
        }

        /// All zero.
        public init() {}
    }

    /// The batch of the iteration.
    public struct InflightBatching: Sendable, Hashable {
        public var avgNumDecodedTokensPerIter: Double = 0
        public var microBatchId = 0
        public var numContextRequests = 0
        public var numCtxTokens = 0
        public var numGenRequests = 0
        public var numPausedRequests = 0
        public var numScheduledRequests = 0

        /// All zero.
        public init() {}
    }

    /// One request's part of the iteration.
    public struct Request: Sendable, Hashable {
        /// Where in its life the request is.
        public enum Stage: String, Sendable, Hashable {
            case queued = "QUEUED"
            case contextInProgress = "CONTEXT_IN_PROGRESS"
            case generationInProgress = "GENERATION_IN_PROGRESS"
            case generationComplete = "GENERATION_COMPLETE"
        }

        public var id = 0
        public var stage = Stage.queued
        public var contextPrefillPosition = 0
        public var numGeneratedTokens = 0
        public var avgNumDecodedTokensPerIter: Double = 0
        public var allocNewBlocksPerRequest = 0
        public var allocTotalBlocksPerRequest = 0
        public var reusedBlocksPerRequest = 0
        public var missedBlocksPerRequest = 0
        public var scheduled = false
        public var paused = false
        /// reused / (reused + missed); 0 before the first block.
        public var kvCacheHitRatePerRequest: Double {
            let all = reusedBlocksPerRequest + missedBlocksPerRequest
            return all == 0 ? 0 : Double(reusedBlocksPerRequest) / Double(all)
        }

        /// All zero.
        public init() {}
    }

    public var iteration = 0
    public var iterLatencyMS: Double = 0
    public var newActiveRequestsQueueLatencyMS: Double = 0
    public var numActiveRequests = 0
    public var numCompletedRequests = 0
    public var numNewActiveRequests = 0
    public var numQueuedRequests = 0
    public var maxNumActiveRequests = 0
    public var maxBatchSizeStatic = 0
    public var maxBatchSizeRuntime = 0
    public var maxBatchSizeTunerRecommended = 0
    public var maxNumTokensStatic = 0
    public var maxNumTokensRuntime = 0
    public var maxNumTokensTunerRecommended = 0
    /// Resident memory of the process.
    public var cpuMemUsage = 0
    /// End of the iteration, seconds since 1970.
    public var timestamp: Double = 0
    public var kvCache = KVCache()
    public var inflightBatching = InflightBatching()
    /// Per-request records; empty unless asked for.
    public var requests: [Request] = []

    /// All zero.
    public init() {}
}
