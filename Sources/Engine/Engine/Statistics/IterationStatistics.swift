/// What one engine iteration did; times in milliseconds, memory in bytes.
public struct IterationStatistics: Sendable, Hashable {
    /// The KV cache after the iteration; allocations are cumulative.
    public struct KVCache: Sendable, Hashable {
        /// Blocks taken from the pool since the start.
        public var allocNewBlocks = 0
        /// Blocks handed out since the start, taken or shared.
        public var allocTotalBlocks = 0
        /// Blocks nobody uses, including those that hold a known prefix.
        public var freeNumBlocks = 0
        /// All blocks of the pool.
        public var maxNumBlocks = 0
        /// Prompt blocks that were looked for in vain since the start.
        public var missedBlocks = 0
        /// Prompt blocks that were found in the cache since the start.
        public var reusedBlocks = 0
        /// Tokens of one block.
        public var tokensPerBlock = 0
        /// Blocks in use.
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
        /// Tokens that a decoding sequence gets in an iteration; 0 when none decodes.
        public var avgNumDecodedTokensPerIter: Double = 0
        /// Always 0: there is one batch at a time.
        public var microBatchId = 0
        /// Sequences that computed a part of their prompt.
        public var numContextRequests = 0
        /// Prompt tokens computed.
        public var numCtxTokens = 0
        /// Sequences that decoded a token.
        public var numGenRequests = 0
        /// Sequences that are paused for want of blocks.
        public var numPausedRequests = 0
        /// Sequences in the batch.
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

        /// The id of the request.
        public var id = 0
        /// Where in its life it is.
        public var stage = Stage.queued
        /// Prompt tokens in the KV cache.
        public var contextPrefillPosition = 0
        /// Tokens generated, over all choices.
        public var numGeneratedTokens = 0
        /// Tokens that a decoding sequence gets in an iteration; 0 when none decodes.
        public var avgNumDecodedTokensPerIter: Double = 0
        /// Blocks taken from the pool for it.
        public var allocNewBlocksPerRequest = 0
        /// Blocks it was given, taken or shared.
        public var allocTotalBlocksPerRequest = 0
        /// Its prompt blocks that were found in the cache.
        public var reusedBlocksPerRequest = 0
        /// Its prompt blocks that were looked for in vain.
        public var missedBlocksPerRequest = 0
        /// Whether it was in the batch.
        public var scheduled = false
        /// Whether a choice of it is paused for want of blocks.
        public var paused = false
        /// reused / (reused + missed); 0 before the first block.
        public var kvCacheHitRatePerRequest: Double {
            let all = reusedBlocksPerRequest + missedBlocksPerRequest
            return all == 0 ? 0 : Double(reusedBlocksPerRequest) / Double(all)
        }

        /// All zero.
        public init() {}
    }

    /// Counts iterations from 1.
    public var iteration = 0
    /// How long the iteration took.
    public var iterLatencyMS: Double = 0
    /// How long the requests that became active waited, summed up.
    public var newActiveRequestsQueueLatencyMS: Double = 0
    /// Requests that were active in the iteration.
    public var numActiveRequests = 0
    /// Requests that ended with it.
    public var numCompletedRequests = 0
    /// Requests that became active with it.
    public var numNewActiveRequests = 0
    /// Requests that wait after it.
    public var numQueuedRequests = 0
    /// Most requests that may be active.
    public var maxNumActiveRequests = 0
    /// The configured batch size.
    public var maxBatchSizeStatic = 0
    /// The batch size in force.
    public var maxBatchSizeRuntime = 0
    /// The batch size that recent iterations suggest.
    public var maxBatchSizeTunerRecommended = 0
    /// The configured tokens of an iteration.
    public var maxNumTokensStatic = 0
    /// The tokens of an iteration in force.
    public var maxNumTokensRuntime = 0
    /// The tokens of an iteration that recent iterations suggest.
    public var maxNumTokensTunerRecommended = 0
    /// Resident memory of the process.
    public var cpuMemUsage = 0
    /// How much of the iteration this process spent exchanging data with other ranks, where there are any.
    public var rankExchangeMS: Double?
    /// Resident memory of each rank's process, as it said last; empty for a model on one process.
    public var rankMemory: [Int] = []
    /// End of the iteration, seconds since 1970.
    public var timestamp: Double = 0
    /// The KV cache after the iteration.
    public var kvCache = KVCache()
    /// The batch of the iteration.
    public var inflightBatching = InflightBatching()
    /// Per-request records; empty unless asked for.
    public var requests: [Request] = []

    /// All zero.
    public init() {}
}
