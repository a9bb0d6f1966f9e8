/// Where sequences go and come from, and what can be asked of them.
extension Scheduler {
    /// Stops a sequence to free its blocks; it will compute again what the cache loses meanwhile.
    mutating func pause(_ position: Int) {
        var sequence = running.remove(at: position)
        cache.close(&sequence.table, sequence.tokens, computed: sequence.computed)
        sequence.computed = 0
        sequence.isPaused = true
        pauseCount += 1
        waiting.insertByAge(sequence)
    }

    /// Takes a sequence out of the batch for good.
    mutating func finish(_ position: Int) {
        var sequence = running.remove(at: position)
        cache.close(&sequence.table, sequence.tokens, computed: sequence.computed)
        requests[sequence.key.request]?.counters += sequence.table.counters
    }

    /// What is wrong with the scheduler's state, for tests to ask after every step; empty when all is well.
    package func problems() -> [String] {
        var problems = cache.problems(tables: running.map(\.table))
        for sequences in [running, waiting] where sequences.map(\.key) != sequences.map(\.key).sorted() {
            problems.append("sequences are out of order")
        }
        for sequence in running {
            if sequence.remaining < 1 { problems.append("\(sequence.key) has nothing to compute") }
            if sequence.table.blocks.count < cache.blocks(holding: sequence.computed) {
                problems.append("\(sequence.key) has too few blocks")
            }
        }
        if waiting.contains(where: { !$0.table.blocks.isEmpty }) { problems.append("a waiting sequence holds blocks") }
        if configuration.capacityPolicy == .guaranteedNoEvict, reservedBlocks > cache.availableCount {
            problems.append("\(reservedBlocks) blocks are reserved, \(cache.availableCount) available")
        }
        let alive = Set(running.map(\.key.request)).union(waiting.map(\.key.request))
        if alive != Set(requests.keys) { problems.append("requests without sequences, or the reverse") }
        return problems
    }

    /// Records of all requests that haven't ended, oldest first.
    package func requestRecords(_ plan: StepPlan) -> [IterationStatistics.Request] {
        let scheduled = Set(plan.slices.map(\.key.request))
        return requests.keys.sorted().map { id in
            let sequences = running.filter { $0.key.request == id }
            var stage = IterationStatistics.Request.Stage.queued
            if !sequences.isEmpty {
                let isGenerating = sequences.contains { $0.outputCount > 0 }
                stage = isGenerating ? .generationInProgress : .contextInProgress
            }
            return record(of: id, stage: stage, isScheduled: scheduled.contains(id))
        }
    }

    /// One request's record.
    func record(
        of id: UInt64,
        stage: IterationStatistics.Request.Stage,
        isScheduled: Bool,
    ) -> IterationStatistics.Request {
        var record = IterationStatistics.Request()
        guard let progress = requests[id] else { return record }
        let mine = running.filter { $0.key.request == id }
        let stopped = waiting.filter { $0.key.request == id }
        var counters = progress.counters
        for sequence in mine + stopped { counters += sequence.table.counters }
        record.id = Int(id)
        record.stage = stage
        record.contextPrefillPosition = mine.map { min($0.computed, $0.promptCount) }.max() ?? 0
        record.numGeneratedTokens = (mine + stopped).reduce(progress.endedTokens) { $0 + $1.outputCount }
        record.avgNumDecodedTokensPerIter = record.numGeneratedTokens > 0 ? 1 : 0
        record.allocNewBlocksPerRequest = counters.new
        record.allocTotalBlocksPerRequest = counters.total
        record.reusedBlocksPerRequest = counters.reused
        record.missedBlocksPerRequest = counters.missed
        record.scheduled = isScheduled
        record.paused = stopped.contains { $0.isPaused }
        return record
    }
}
