/// Turns iterations into their statistics.
struct StatisticsRecorder: ~Copyable {
    /// What is measured around an iteration.
    struct Measured {
        var seconds: Double
        var exchangeSeconds: Double?
        var wallSeconds: Double
        var queueSeconds: Double
        var queued: Int
    }

    private let memory = ResidentMemory()
    private var tuner = BatchTuner()
    private var iteration = 0

    /// The statistics of an iteration, from the plan it ran and the scheduler after it.
    mutating func record(
        _ plan: StepPlan,
        _ outcome: StepOutcome,
        _ scheduler: Scheduler,
        _ measured: Measured,
    ) -> IterationStatistics {
        let configuration = scheduler.configuration
        let tokens = plan.slices.reduce(0) { $0 + $1.tokens.count }
        let completed = outcome.events.count { $0.isLast }
        tuner.record(sequences: plan.slices.count, tokens: tokens)
        iteration += 1

        var statistics = IterationStatistics()
        statistics.iteration = iteration
        statistics.iterLatencyMS = measured.seconds * 1000
        statistics.newActiveRequestsQueueLatencyMS = measured.queueSeconds * 1000
        statistics.numActiveRequests = scheduler.runningRequestCount + completed
        statistics.numCompletedRequests = completed
        statistics.numNewActiveRequests = plan.started.count
        statistics.numQueuedRequests = measured.queued
        statistics.maxNumActiveRequests = configuration.maxBatchSize
        statistics.maxBatchSizeStatic = configuration.maxBatchSize
        statistics.maxBatchSizeRuntime = configuration.maxBatchSize
        statistics.maxBatchSizeTunerRecommended = tuner.batchSize(limit: configuration.maxBatchSize)
        statistics.maxNumTokensStatic = configuration.maxNumTokens
        statistics.maxNumTokensRuntime = configuration.maxNumTokens
        statistics.maxNumTokensTunerRecommended = tuner.tokenCount(limit: configuration.maxNumTokens)
        statistics.cpuMemUsage = memory.bytes()
        statistics.rankExchangeMS = measured.exchangeSeconds.map { $0 * 1000 }
        statistics.timestamp = measured.wallSeconds
        statistics.kvCache = scheduler.cache.statistics
        statistics.inflightBatching = Self.batch(plan, scheduler)
        if configuration.collectsRequestStatistics {
            statistics.requests = outcome.ended + scheduler.requestRecords(plan)
        }
        return statistics
    }

    /// What the batch of a plan was made of.
    static func batch(_ plan: StepPlan, _ scheduler: Scheduler) -> IterationStatistics.InflightBatching {
        var batch = IterationStatistics.InflightBatching()
        batch.numGenRequests = plan.slices.count { $0.isDecoding }
        batch.numContextRequests = plan.slices.count - batch.numGenRequests
        batch.numCtxTokens = plan.slices.reduce(0) { $0 + ($1.isDecoding ? 0 : $1.tokens.count) }
        batch.numScheduledRequests = plan.slices.count
        batch.numPausedRequests = scheduler.pausedSequenceCount
        let decoded = plan.slices.reduce(0) { $0 + ($1.isDecoding ? $1.tokens.count : 0) }
        batch.avgNumDecodedTokensPerIter = Double(decoded) / Double(max(1, batch.numGenRequests))
        return batch
    }
}

extension KVCacheManager {
    /// The cache's figures under the names of the reference.
    var statistics: IterationStatistics.KVCache {
        var statistics = IterationStatistics.KVCache()
        statistics.allocNewBlocks = counters.new
        statistics.allocTotalBlocks = counters.total
        statistics.reusedBlocks = counters.reused
        statistics.missedBlocks = counters.missed
        statistics.freeNumBlocks = availableCount
        statistics.usedNumBlocks = usedCount
        statistics.maxNumBlocks = blockCount
        statistics.tokensPerBlock = tokensPerBlock
        return statistics
    }
}
