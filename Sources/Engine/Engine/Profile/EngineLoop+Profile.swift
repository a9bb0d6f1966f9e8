internal import Models

/// What happens to the times of iterations.
extension EngineLoop {
    /// The times of an iteration that begins, if somebody wants them.
    func newProfile(_ begin: Double) -> IterationProfile? {
        let isActive = profiler.isActive
        runner.model.noteStages(isActive)
        guard isActive else { return nil }
        var profile = IterationProfile()
        profile.begin = begin
        return profile
    }

    /// Hands over the times of an iteration whose events were delivered.
    func conclude(_ profile: IterationProfile) {
        var profile = profile
        let batch = activityNow.batch
        profile.iteration = activityNow.iterations
        profile.end = clock.monotonicSeconds()
        profile.promptTokens = batch.numCtxTokens
        profile.prefillingSequences = batch.numContextRequests
        profile.decodingSequences = batch.numGenRequests
        profile.runningRequests = activityNow.runningRequests
        profile.queuedRequests = activityNow.queuedRequests
        profile.usedBlocks = activityNow.kvCache.usedNumBlocks
        profile.stages = runner.model.takeStages()
        profiler.record(profile)
    }
}
