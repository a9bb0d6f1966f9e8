internal import Models

/// What happens to an iteration's logits and to the events that come of them.
extension EngineLoop {
    /// Chooses a token for each choice of the plan, and takes in what is to be reported of prompts.
    ///
    /// - Throws: `EngineError.failed` when the model has no logits for them.
    func readLogits(of plan: StepPlan) throws(EngineError) -> StepResult {
        var uses: [LogitUse] = []
        var ends: [Int] = []
        var firstRow = 0
        for slice in plan.slices {
            live[slice.key.request]?.appendUses(of: slice, firstRow: firstRow, to: &uses)
            ends.append(uses.count)
            firstRow += slice.logitRows.count
        }
        let readings = try reader.read(&uses)
        var start = 0
        let runs = zip(plan.slices, ends).map { slice, end in
            defer { start = end }
            return (start..<end).compactMap { live[slice.key.request]?.take(readings[$0], of: &uses[$0]) }
        }
        // A request's slices stand together, and its beams grow once all of them are read.
        guard scheduler.beamRequestCount > 0 else { return StepResult(runs: runs) }
        let steps = plan.slices.compactMap { slice in
            live[slice.key.request]?.beams == nil ? nil : live[slice.key.request]?.advanceBeams(slice.key.request)
        }
        return StepResult(runs: runs, beams: steps)
    }

    /// Takes in the hidden states of prompts that are to be embedded.
    func poolHiddenStates(of plan: StepPlan) {
        var firstRow = 0
        for slice in plan.slices where slice.isPooled {
            let end = firstRow + slice.promptRows.count
            live[slice.key.request]?.pool(firstRow..<end, of: runner.model)
            firstRow = end
        }
    }

    /// Delivers an iteration's events and publishes its figures.
    func conclude(_ plan: StepPlan, _ outcome: StepOutcome, begin: Double) {
        let end = clock.monotonicSeconds()
        scheduler.costs.learn(StepLoad(plan), seconds: end - begin)
        let queueSeconds = plan.started.reduce(0) { sum, id in sum + begin - (live[id]?.record.arrival ?? begin) }
        activityNow.iterations += 1
        for id in plan.started {
            activityNow.totals.promptTokens += live[id]?.request.promptTokens.count ?? 0
            live[id]?.record.firstIteration = activityNow.iterations
        }
        deliver(outcome, at: end)
        activityNow.iterationSeconds = end - begin
        activityNow.exchangeSeconds = exchangeSeconds()
        activityNow.batch = StatisticsRecorder.batch(plan, scheduler)
        publish(at: end, isParked: false)
        guard configuration.collectsStatistics else { return }
        let measured = StatisticsRecorder.Measured(
            seconds: end - begin,
            exchangeSeconds: activityNow.exchangeSeconds,
            wallSeconds: clock.wallSeconds(),
            queueSeconds: queueSeconds,
            queued: inbox.activity.queuedRequests,
        )
        var iteration = recorder.record(plan, outcome, scheduler, measured)
        whenIterated(&iteration)
        statistics.append(iteration)
    }

    /// What the model has spent exchanging data with other ranks since this was last asked.
    private func exchangeSeconds() -> Double? {
        guard let all = runner.model.exchangeSeconds else { return nil }
        defer { exchangedSeconds = all }
        return all - exchangedSeconds
    }

    /// Hands each request its events and forgets those that have ended.
    func deliver(_ outcome: StepOutcome, at time: Double) {
        for entry in outcome.events {
            guard var owner = live.removeValue(forKey: entry.request) else { continue }
            let events = owner.complete(entry.events, at: time, isLast: entry.isLast)
            if owner.record.firstIteration != nil { owner.record.lastIteration = activityNow.iterations }
            owner.record.blocks = entry.blocks ?? owner.record.blocks
            activityNow.totals.count(events)
            if entry.isLast && !events.contains(where: \.isCancellation) { activityNow.totals.completedRequests += 1 }
            owner.channel.deliver(events, record: owner.record, isLast: entry.isLast)
            if !entry.isLast { live[entry.request] = owner }
        }
    }
}
