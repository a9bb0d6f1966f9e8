internal import Models

/// The checks of the engine's own settings, before it starts.
extension RequestValidation {
    /// Checks the engine's own settings.
    ///
    /// - Throws: `EngineError` that names the setting, or says what the KV cache lacks.
    static func check(_ configuration: EngineConfiguration, _ limits: ModelLimits) throws(EngineError) {
        let positive = [
            ("max_batch_size", configuration.maxBatchSize),
            ("max_beam_width", configuration.maxBeamWidth),
            ("max_num_tokens", configuration.maxNumTokens),
            ("max_seq_len", configuration.maxSequenceLength),
            ("tokens_per_block", configuration.tokensPerBlock),
            ("max_queued_requests", configuration.maxQueuedRequests),
            ("the prefill tokens of an iteration", configuration.prefillTokens),
            ("the prefill tokens beside decoding", configuration.prefillTokensBesideDecoding),
        ]
        for (name, value) in positive { try require(value >= 1, name, value, "at least 1") }
        if let positions = limits.positionCount {
            let length = configuration.maxSequenceLength
            let allowed = "at most \(positions): the model has learned no later positions"
            try require(length <= positions, "max_seq_len", length, allowed)
        }
        let goals = [
            ("the time of an iteration", configuration.iterationSeconds),
            ("the time of an iteration beside decoding", configuration.iterationSecondsBesideDecoding),
        ]
        for (name, value) in goals {
            try require(value > 0 && value.isFinite, name, value, "a positive number of seconds")
        }
        let capacity = configuration.statisticsCapacity
        try require(capacity >= 0, "iter_stats_max_iterations", capacity, "at least 0")
        let events = configuration.kvCacheEventCapacity
        try require(events >= 0, "event_buffer_max_size", events, "at least 0")
        // Physical blocks are 32-bit numbers.
        try require(
            configuration.blockCount < Int(Int32.max),
            "KV cache blocks",
            configuration.blockCount,
            "below 2^31"
        )
        try require(
            configuration.tokensPerBlock <= 1 << 20,
            "tokens_per_block",
            configuration.tokensPerBlock,
            "at most 2^20"
        )
        try checkMemory(configuration, limits)
    }

    /// Checks that the KV cache holds a sequence of the longest length.
    private static func checkMemory(
        _ configuration: EngineConfiguration,
        _ limits: ModelLimits,
    ) throws(EngineError) {
        let layout = BlockLayout(configuration, groups: limits.kvGroups)
        let needed = layout.mostBlocks(
            length: configuration.maxSequenceLength,
            remaining: configuration.maxSequenceLength
        )
        guard max(0, configuration.blockCount) >= needed else {
            throw .kvCacheTooSmall(
                neededBytes: bytes(needed, configuration, limits),
                availableBytes: bytes(max(0, configuration.blockCount), configuration, limits),
                maxSequenceLength: configuration.maxSequenceLength,
            )
        }
    }

    /// Bytes of some blocks; the largest number when there is none.
    private static func bytes(_ blocks: Int, _ configuration: EngineConfiguration, _ limits: ModelLimits) -> Int {
        let perToken = limits.kvBytesPerToken / limits.kvGroups.count
        let (bytes, overflows) = blocks.multipliedReportingOverflow(by: configuration.tokensPerBlock * perToken)
        return overflows ? .max : bytes
    }
}
