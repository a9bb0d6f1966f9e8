package import CommandSupport
package import Engine

/// How many blocks the KV cache gets, and why.
package struct KVCachePlan: Sendable, Hashable {
    /// Bytes the pool stays under when nobody asked for a share of the memory: all of it is touched soon after the
    /// start, and a laptop has other things to do.
    package static let defaultLimit = 2 << 30
    /// Most blocks that the engine can number.
    private static let maxBlockCount = Int(Int32.max) - 1

    /// Blocks of the pool.
    package var blockCount: Int
    /// Bytes of the pool.
    package var byteCount: Int
    /// What set the size, for the log.
    package var reason: String

    /// What the plan is made from.
    package struct Needs: Sendable {
        /// Free memory of the host now, in bytes.
        package var freeBytes: Int
        /// Bytes that the model and the server still need beside the pool.
        package var reservedBytes: Int
        /// Bytes that one token takes over all layers.
        package var bytesPerToken: Int
        /// How many blocks tokens take.
        package var layout: BlockLayout
        package var maxSequenceLength: Int
        package var maxBatchSize: Int

        /// The needs of a model and its settings.
        package init(
            freeBytes: Int,
            reservedBytes: Int,
            bytesPerToken: Int,
            layout: BlockLayout,
            maxSequenceLength: Int,
            maxBatchSize: Int,
        ) {
            self.freeBytes = freeBytes
            self.reservedBytes = reservedBytes
            self.bytesPerToken = bytesPerToken
            self.layout = layout
            self.maxSequenceLength = maxSequenceLength
            self.maxBatchSize = maxBatchSize
        }
    }

    /// Chooses the smallest of: the share of free memory, the limits that were set, and all that could ever be used.
    ///
    /// - Throws: `StartupError.tooLittleMemory` when one sequence of the longest length doesn't fit.
    package init(_ settings: ServeConfiguration.KVCache, _ needs: Needs) throws(StartupError) {
        let (tokensPerBlock, groupCount) = (needs.layout.tokensPerBlock, needs.layout.groups.count)
        let blockBytes = max(1, tokensPerBlock.timesAtMost(needs.bytesPerToken / groupCount))
        let length = max(1, needs.maxSequenceLength)
        let oneSequence = needs.layout.mostBlocks(length: length, remaining: length)
        let share = Double(max(0, needs.freeBytes - needs.reservedBytes)) * settings.memoryFraction
        var limits = [
            (
                (Int(exactly: share.rounded(.down)) ?? .max) / blockBytes,
                "\(settings.memoryFraction) of the free memory"
            ),
            (oneSequence.timesAtMost(needs.maxBatchSize), "max_batch_size sequences of max_seq_len"),
            (Self.maxBlockCount, "the numbers of blocks, which have 31 bits"),
        ]
        if let tokens = settings.maxTokens {
            limits.append(((tokens / tokensPerBlock).timesAtMost(groupCount), "max_tokens"))
        }
        if let bytes = settings.maxBytes { limits.append((bytes / blockBytes, "max_gpu_total_bytes")) }
        if !settings.isFractionGiven && settings.maxTokens == nil && settings.maxBytes == nil {
            let limit = max(oneSequence, Self.defaultLimit / blockBytes)
            limits.append((limit, "the default limit of \(ByteSize(Self.defaultLimit))"))
        }
        let (count, reason) = limits.min { $0.0 < $1.0 } ?? (0, "")
        guard count >= oneSequence else {
            throw .tooLittleMemory(
                "the KV cache would have \(count) blocks of \(tokensPerBlock) tokens, set by \(reason), but "
                    + "one sequence of max_seq_len (\(needs.maxSequenceLength)) tokens needs \(oneSequence) "
                    + "(\(ByteSize(oneSequence.timesAtMost(blockBytes)))); lower --max_seq_len, or raise "
                    + "--kv_cache_free_gpu_memory_fraction or kv_cache_config.max_tokens, or free memory "
                    + "(\(ByteSize(needs.freeBytes)) are free)"
            )
        }
        (blockCount, byteCount, self.reason) = (count, count.timesAtMost(blockBytes), reason)
    }
}

extension Int {
    /// The product, or the largest number where it would be greater.
    fileprivate func timesAtMost(_ other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
