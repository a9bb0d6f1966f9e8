/// How many blocks the KV cache gets, and why.
package struct KVCachePlan: Sendable, Hashable {
    /// Bytes the pool stays under when nobody asked for a share of the memory: all of it is touched soon after the
    /// start, and a laptop has other things to do.
    package static let defaultLimit = 2 << 30

    /// Blocks of the pool.
    package var blockCount: Int
    /// Bytes of the pool.
    package var byteCount: Int
    /// What set the size, for the log.
    package var reason: String

    /// What the plan is made from.
    package struct Needs: Sendable, Hashable {
        /// Free memory of the host now, in bytes.
        package var freeBytes: Int
        /// Bytes that the model and the server still need beside the pool.
        package var reservedBytes: Int
        /// Bytes that one token takes over all layers.
        package var bytesPerToken: Int
        package var maxSequenceLength: Int
        package var maxBatchSize: Int

        /// The needs of a model and its settings.
        package init(
            freeBytes: Int,
            reservedBytes: Int,
            bytesPerToken: Int,
            maxSequenceLength: Int,
            maxBatchSize: Int,
        ) {
            self.freeBytes = freeBytes
            self.reservedBytes = reservedBytes
            self.bytesPerToken = bytesPerToken
            self.maxSequenceLength = maxSequenceLength
            self.maxBatchSize = maxBatchSize
        }
    }

    /// Chooses the smallest of: the share of free memory, the limits that were set, and all that could ever be used.
    ///
    /// - Throws: `StartupError.tooLittleMemory` when one sequence of the longest length doesn't fit.
    package init(_ settings: ServeConfiguration.KVCache, _ needs: Needs) throws(StartupError) {
        let blockBytes = max(1, settings.tokensPerBlock * needs.bytesPerToken)
        func blocks(tokens: Int) -> Int { (tokens + settings.tokensPerBlock - 1) / settings.tokensPerBlock }
        let oneSequence = blocks(tokens: needs.maxSequenceLength)
        let (everything, overflow) = oneSequence.multipliedReportingOverflow(by: needs.maxBatchSize)
        let share = Double(max(0, needs.freeBytes - needs.reservedBytes)) * settings.memoryFraction
        var limits = [
            (Int(share) / blockBytes, "\(settings.memoryFraction) of the free memory"),
            (overflow ? Int.max : everything, "max_batch_size sequences of max_seq_len"),
        ]
        if let tokens = settings.maxTokens { limits.append((tokens / settings.tokensPerBlock, "max_tokens")) }
        if let bytes = settings.maxBytes { limits.append((bytes / blockBytes, "max_gpu_total_bytes")) }
        if !settings.isFractionGiven && settings.maxTokens == nil && settings.maxBytes == nil {
            limits.append((max(oneSequence, Self.defaultLimit / blockBytes), "the default limit of 2 GiB"))
        }
        let (count, reason) = limits.min { $0.0 < $1.0 } ?? (0, "")
        guard count >= oneSequence else {
            throw .tooLittleMemory(
                "the KV cache would have \(count) blocks of \(settings.tokensPerBlock) tokens, set by \(reason), but "
                    + "one sequence of max_seq_len (\(needs.maxSequenceLength)) tokens needs \(oneSequence) "
                    + "(\(oneSequence * blockBytes >> 20) MiB); lower --max_seq_len, or raise "
                    + "--kv_cache_free_gpu_memory_fraction or kv_cache_config.max_tokens, or free memory "
                    + "(\(needs.freeBytes >> 20) MiB are free)"
            )
        }
        (blockCount, byteCount, self.reason) = (count, count * blockBytes, reason)
    }
}
