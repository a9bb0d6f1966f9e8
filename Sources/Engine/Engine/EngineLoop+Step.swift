internal import Models

/// What happens to an iteration's logits and to the events that come of them.
extension EngineLoop {
    /// Chooses a token for each choice of the plan, and takes in what is to be reported of prompts.
    func sample(_ plan: StepPlan, _ logits: UnsafeBufferPointer<Float>) -> StepResult {
        var nextRow = 0
        return StepResult(
            tokens: plan.slices.map { slice in
                var row = UnsafeBufferPointer(rebasing: logits[..<0])
                for position in slice.logitRows {
                    let start = nextRow * limits.vocabularySize
                    row = UnsafeBufferPointer(rebasing: logits[start..<start + limits.vocabularySize])
                    nextRow += 1
                    guard slice.promptRows.contains(position) else { continue }
                    live[slice.key.request]?.report(row, position: slice.position + position)
                }
                return slice.choices.map { choice in
                    let token = choose(row, slice, choice: choice)
                    live[slice.key.request]?.histories[choice].record(token.id)
                    return token
                }
            }
        )
    }

    private func choose(
        _ logits: UnsafeBufferPointer<Float>,
        _ slice: StepPlan.Slice,
        choice: Int,
    ) -> StepResult.Token {
        guard let owner = live[slice.key.request] else { return StepResult.Token(id: 0) }
        let id = sampler.sample(
            logits,
            request: owner.request,
            history: owner.histories[choice],
            choice: choice,
            outputCount: slice.outputCount,
        )
        return StepResult.Token(
            id: id,
            logProbabilities: owner.request.logProbabilities.map {
                LogProbabilities.report(logits, chosen: id, alternatives: $0)
            },
        )
    }

    /// Delivers an iteration's events and publishes its figures.
    func conclude(_ plan: StepPlan, _ outcome: StepOutcome, begin: Double) {
        let end = clock.monotonicSeconds()
        scheduler.costs.learn(StepLoad(plan), seconds: end - begin)
        let queueSeconds = plan.started.reduce(0) { sum, id in sum + begin - (live[id]?.timings.arrival ?? begin) }
        for id in plan.started { activityNow.totals.promptTokens += live[id]?.request.promptTokens.count ?? 0 }
        deliver(outcome, at: end)
        activityNow.iterations += 1
        activityNow.iterationSeconds = end - begin
        activityNow.batch = StatisticsRecorder.batch(plan, scheduler)
        publish(at: end, isParked: false)
        guard configuration.collectsStatistics else { return }
        let measured = StatisticsRecorder.Measured(
            seconds: end - begin,
            wallSeconds: clock.wallSeconds(),
            queueSeconds: queueSeconds,
            queued: inbox.activity.queuedRequests,
        )
        statistics.append(recorder.record(plan, outcome, scheduler, measured))
    }

    /// Hands each request its events and forgets those that have ended.
    func deliver(_ outcome: StepOutcome, at time: Double) {
        for entry in outcome.events {
            guard var owner = live.removeValue(forKey: entry.request) else { continue }
            let events = owner.complete(entry.events, at: time, isLast: entry.isLast)
            activityNow.totals.count(events)
            if entry.isLast && !events.contains(where: \.isCancellation) { activityNow.totals.completedRequests += 1 }
            owner.channel.deliver(events, timings: owner.timings, isLast: entry.isLast)
            if !entry.isLast { live[entry.request] = owner }
        }
    }
}
