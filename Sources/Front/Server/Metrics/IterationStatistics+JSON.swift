import Engine
import OrderedJSON

/// The reference's iteration object: keys in alphabetical order, all of them always, and behind them `rankExchangeMS` and
/// `rankMemUsage` of a model on several ranks, and `requestStats` when there are some.
extension IterationStatistics {
    var json: JSONValue {
        var object: JSONObject = [
            "cpuMemUsage": .integer(cpuMemUsage),
            "gpuMemUsage": 0,
            "inflightBatchingStats": inflightBatching.json,
            "iter": .integer(iteration),
            "iterLatencyMS": .number(iterLatencyMS),
            "kvCacheStats": kvCache.json,
            "maxBatchSizeRuntime": .integer(maxBatchSizeRuntime),
            "maxBatchSizeStatic": .integer(maxBatchSizeStatic),
            "maxBatchSizeTunerRecommended": .integer(maxBatchSizeTunerRecommended),
            "maxNumActiveRequests": .integer(maxNumActiveRequests),
            "maxNumTokensRuntime": .integer(maxNumTokensRuntime),
            "maxNumTokensStatic": .integer(maxNumTokensStatic),
            "maxNumTokensTunerRecommended": .integer(maxNumTokensTunerRecommended),
            "newActiveRequestsQueueLatencyMS": .number(newActiveRequestsQueueLatencyMS),
            "numActiveRequests": .integer(numActiveRequests),
            "numCompletedRequests": .integer(numCompletedRequests),
            "numNewActiveRequests": .integer(numNewActiveRequests),
            "numQueuedRequests": .integer(numQueuedRequests),
            "pinnedMemUsage": 0,
            "specDecodingStats": nil,
            "staticBatchingStats": nil,
            "timestamp": .string(Self.words(timestamp)),
        ]
        if let rankExchangeMS { object["rankExchangeMS"] = .number(rankExchangeMS) }
        if !rankMemory.isEmpty { object["rankMemUsage"] = .array(rankMemory.map { .integer($0) }) }
        if !requests.isEmpty { object["requestStats"] = .array(requests.map(\.json)) }
        return .object(object)
    }

    /// `MM-DD-YYYY HH:MM:SS.ffffff`, UTC.
    private static func words(_ timestamp: Double) -> String {
        let microseconds = Int((timestamp * 1e6).rounded())
        let date = UTCDate(seconds: microseconds / 1_000_000)
        return "\(date.month.padded(2))-\(date.day.padded(2))-\(date.year.padded(4)) "
            + "\(date.hour.padded(2)):\(date.minute.padded(2)):\(date.second.padded(2))."
            + (microseconds % 1_000_000).padded(6)
    }
}

extension IterationStatistics.KVCache {
    fileprivate var json: JSONValue {
        [
            "allocNewBlocks": .integer(allocNewBlocks),
            "allocTotalBlocks": .integer(allocTotalBlocks),
            "cacheHitRate": .number(cacheHitRate),
            "freeNumBlocks": .integer(freeNumBlocks),
            "maxNumBlocks": .integer(maxNumBlocks),
            "missedBlocks": .integer(missedBlocks),
            "reusedBlocks": .integer(reusedBlocks),
            "tokensPerBlock": .integer(tokensPerBlock),
            "usedNumBlocks": .integer(usedNumBlocks),
        ]
    }
}

extension IterationStatistics.InflightBatching {
    fileprivate var json: JSONValue {
        [
            "avgNumDecodedTokensPerIter": .number(avgNumDecodedTokensPerIter),
            "microBatchId": .integer(microBatchId),
            "numContextRequests": .integer(numContextRequests),
            "numCtxTokens": .integer(numCtxTokens),
            "numGenRequests": .integer(numGenRequests),
            "numPausedRequests": .integer(numPausedRequests),
            "numScheduledRequests": .integer(numScheduledRequests),
        ]
    }
}

extension IterationStatistics.Request {
    fileprivate var json: JSONValue {
        [
            "allocNewBlocksPerRequest": .integer(allocNewBlocksPerRequest),
            "allocTotalBlocksPerRequest": .integer(allocTotalBlocksPerRequest),
            "avgNumDecodedTokensPerIter": .number(avgNumDecodedTokensPerIter),
            "contextPrefillPosition": .integer(contextPrefillPosition),
            "disServingStats": nil,
            "id": .integer(id),
            "kvCacheHitRatePerRequest": .number(kvCacheHitRatePerRequest),
            "missedBlocksPerRequest": .integer(missedBlocksPerRequest),
            "numGeneratedTokens": .integer(numGeneratedTokens),
            "paused": .bool(paused),
            "reusedBlocksPerRequest": .integer(reusedBlocksPerRequest),
            "scheduled": .bool(scheduled),
            "stage": .string(stage.rawValue),
        ]
    }
}
