/// Records of requests, for the statistics of an iteration.
extension Scheduler {
    /// Records of all requests that haven't ended, oldest first.
    package func requestRecords(_ plan: StepPlan) -> [IterationStatistics.Request] {
        let scheduled = Set(plan.slices.map(\.key.request))
        let stopped = Dictionary(grouping: waiting.all, by: \.key.request)
        return requests.keys.sorted().map { id in
            let mine = running[running.positions(of: id)]
            var stage = IterationStatistics.Request.Stage.queued
            if !mine.isEmpty {
                let isGenerating = mine.contains { $0.outputCount > 0 }
                stage = isGenerating ? .generationInProgress : .contextInProgress
            }
            return record(of: id, stage: stage, isScheduled: scheduled.contains(id), stopped: stopped[id] ?? [])
        }
    }

    /// One request's record; `stopped` are its sequences that wait.
    func record(
        of id: UInt64,
        stage: IterationStatistics.Request.Stage,
        isScheduled: Bool,
        stopped: [TokenSequence] = [],
    ) -> IterationStatistics.Request {
        var record = IterationStatistics.Request()
        guard let progress = requests[id] else { return record }
        let mine = running[running.positions(of: id)]
        let counters = blocks(of: id, stopped: stopped)
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

    /// The blocks that a request was given so far; `stopped` are its sequences that wait.
    func blocks(of id: UInt64, stopped: [TokenSequence] = []) -> BlockCounters {
        var counters = requests[id]?.counters ?? BlockCounters()
        for sequence in running[running.positions(of: id)] + stopped { counters += sequence.table.counters }
        return counters
    }
}
