internal import GuidedDecoding
internal import RequestParameters

extension Sampler {
    /// Most forced tokens that follow a chosen one in one iteration.
    package static let longestForcedRun = 32

    /// Chooses what a choice grows by that has `outputCount` tokens, and takes it into its progress.
    ///
    /// Where a constraint leaves no choice, its tokens follow at once. They are those that would be chosen one by one,
    /// whatever the logits; so nothing follows where something else may rule tokens out, or where logits are reported.
    package mutating func grow(
        _ logits: UnsafeBufferPointer<Float>,
        request: EngineRequest,
        progress: inout ChoiceProgress,
        choice: Int,
        outputCount: Int,
    ) -> StepResult.Run {
        let token = sample(logits, request: request, progress: &progress, choice: choice, outputCount: outputCount)
        guard let token else {
            if let failure = progress.matcher?.failure { return StepResult.Run(ending: .failed(failure)) }
            let mayEnd = progress.matcher?.isComplete == true
            return StepResult.Run(ending: mayEnd ? .complete : .failed("none of the tokens may come next"))
        }
        let report = request.logProbabilities.map {
            LogProbabilities.report(logits, chosen: token, alternatives: $0, scanner: &scanner)
        }
        progress.history.record(token)
        var run = StepResult.Run(first: StepResult.Token(id: token, logProbabilities: report))
        let endsChoice = request.endTokens.contains(token) || request.stopTokens.contains(token)
        guard progress.matcher != nil, !endsChoice else { return run }
        guard progress.matcher?.advance(token) == true else {
            let failure = progress.matcher?.failure
            run.ending = .failed(failure ?? "the constraint refused token \(token), which it had allowed")
            return run
        }
        if request.appendsForcedTokens, request.logProbabilities == nil, request.sampling.allowedTokens == nil,
            request.sampling.bannedSequences.isEmpty
        {
            let room = min(Self.longestForcedRun, request.maxTokens - outputCount - 1)
            run.rest = Self.follow(&progress, room: room).map { StepResult.Token(id: $0) }
        }
        if progress.matcher?.isComplete == true, isAtEnd(&progress) { run.ending = .complete }
        return run
    }

    /// Goes on by the tokens that come next in any case, at most `room`, up to where the output may end.
    private static func follow(_ progress: inout ChoiceProgress, room: Int) -> [Int32] {
        guard room > 0, progress.matcher?.isComplete == false else { return [] }
        var followed: [Int32] = []
        for token in (progress.matcher?.forced(limit: room) ?? []).prefix(room) {
            guard progress.matcher?.isComplete == false, progress.matcher?.advance(token) == true else { break }
            progress.history.record(token)
            followed.append(token)
        }
        return followed
    }
}
