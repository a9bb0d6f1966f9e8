import Engine
import Models
import Testing

/// Drives a scheduler with the scripted model, step by step, checking its state after each.
struct SchedulerHarness {
    let model: ScriptedModel
    var scheduler: Scheduler
    var sampler: Sampler
    var requests: [UInt64: EngineRequest] = [:]
    var progress: [UInt64: [ChoiceProgress]] = [:]
    var beams: [UInt64: BeamGroup] = [:]
    var collected: [UInt64: Collected] = [:]
    var plans: [StepPlan] = []
    private var lastID: UInt64 = 0

    init(_ configuration: EngineConfiguration, vocabularySize: Int = 50, windows: [Int] = [0]) throws {
        model = ScriptedModel(vocabularySize: vocabularySize, windows: windows)
        try model.allocateKVCache(
            blockCount: configuration.blockCount,
            tokensPerBlock: configuration.tokensPerBlock,
        )
        try model.reserve(tokens: configuration.maxNumTokens, logitRows: configuration.maxNumTokens)
        scheduler = Scheduler(configuration: configuration, groups: model.limits.kvGroups)
        sampler = Sampler(vocabularySize: vocabularySize)
    }

    @discardableResult
    mutating func add(_ request: EngineRequest) -> UInt64 {
        lastID += 1
        requests[lastID] = request
        progress[lastID] = [ChoiceProgress](repeating: ChoiceProgress(request), count: request.choiceCount)
        beams[lastID] = BeamGroup(request)
        collected[lastID] = Collected()
        scheduler.add(request, id: lastID)
        return lastID
    }

    mutating func cancel(_ id: UInt64) {
        take(scheduler.cancel(id))
        #expect(scheduler.problems() == [])
    }

    /// One iteration, of the duration that `seconds` gives it; false when there was nothing to do.
    @discardableResult
    mutating func step(taking seconds: ((StepLoad) -> Double)? = nil) -> Bool {
        let plan = scheduler.plan()
        #expect(scheduler.problems() == [])
        guard !plan.slices.isEmpty else { return false }
        plans.append(plan)
        expectSmallWindows(plan)
        for copy in plan.copies { model.copyBlock(from: copy.source, to: copy.destination) }
        let batch = BatchBuilder.batch(of: plan)
        #expect(batch.tokens.count <= scheduler.configuration.maxNumTokens)
        let result = sample(plan, model.allLogits(of: batch))
        let outcome = scheduler.apply(plan, result)
        for copy in outcome.copies { model.copyBlock(from: copy.source, to: copy.destination) }
        take(outcome)
        if let seconds { scheduler.costs.learn(StepLoad(plan), seconds: seconds(StepLoad(plan))) }
        #expect(scheduler.problems() == [])
        #expect(model.mistakes == [])
        return true
    }

    /// Runs until nothing is left to do.
    mutating func finish(within limit: Int = 20_000, taking seconds: ((StepLoad) -> Double)? = nil) {
        var steps = 0
        while step(taking: seconds), steps < limit { steps += 1 }
        #expect(!scheduler.hasWork)
        #expect(scheduler.cache.usedCount == 0)
    }

    /// Expects every request that wasn't cancelled to have produced what it produces alone.
    func expectReferenceOutputs(sourceLocation: SourceLocation = #_sourceLocation) {
        for (id, request) in requests where request.beams == nil {
            guard let collected = collected[id] else { continue }
            for choice in 0..<request.choiceCount {
                let output = collected.outputs[choice] ?? Output()
                let reference = referenceOutput(request, choice: choice, model)
                if output.reason == .cancelled {
                    #expect(
                        reference.tokens.starts(with: output.tokens),
                        "request \(id)",
                        sourceLocation: sourceLocation,
                    )
                } else {
                    #expect(output == reference, "request \(id) choice \(choice)", sourceLocation: sourceLocation)
                }
            }
        }
    }

    /// Expects sequences that decode to hold only what the new token sees in groups with a window.
    private func expectSmallWindows(_ plan: StepPlan) {
        let layout = scheduler.cache.layout
        for slice in plan.slices where slice.isDecoding {
            for (index, group) in layout.groups.enumerated() where group.window > 0 {
                let own = stride(from: index, to: slice.blocks.count, by: layout.groups.count).map { slice.blocks[$0] }
                // A sequence that waited with a run of forced tokens is given the blocks for all of it.
                let isForced = requests[slice.key.request]?.constraint != nil
                let newest = isForced ? 1 + Sampler.longestForcedRun : 1
                let most = layout.rows(holding: group.window - 1 + newest) + 1
                #expect(own.count { $0 != BlockTable.none } <= most)
            }
        }
    }

    private mutating func sample(_ plan: StepPlan, _ logits: UnsafeBufferPointer<Float>) -> StepResult {
        let width = model.limits.vocabularySize
        var row = 0
        var runs: [[StepResult.Run]] = []
        for slice in plan.slices {
            row += slice.logitRows.count
            guard let request = requests[slice.key.request] else { continue }
            var chosen: [StepResult.Run] = []
            for choice in slice.choices {
                let view = UnsafeBufferPointer(rebasing: logits[(row - 1) * width..<row * width])
                if let group = beams[slice.key.request] {
                    var nothing = ChoiceProgress(request)
                    let found = sampler.candidates(
                        group.candidateCount,
                        view,
                        request: request,
                        progress: &nothing,
                        outputCount: slice.outputCount,
                    )
                    beams[slice.key.request]?.take(found, of: choice)
                    continue
                }
                var mine = progress[slice.key.request]?[choice] ?? ChoiceProgress(request)
                chosen.append(
                    sampler.grow(
                        view,
                        request: request,
                        progress: &mine,
                        choice: choice,
                        outputCount: slice.outputCount,
                    )
                )
                progress[slice.key.request]?[choice] = mine
            }
            runs.append(chosen)
        }
        let steps = plan.slices.compactMap { slice in
            requests[slice.key.request].flatMap { beams[slice.key.request]?.advance(slice.key.request, $0) }
        }
        return StepResult(runs: runs, beams: steps)
    }

    private mutating func take(_ outcome: StepOutcome) {
        for entry in outcome.events {
            #expect(collected[entry.request]?.isLast == false, "events after the last of \(entry.request)")
            for event in entry.events { collected[entry.request]?.add(event) }
            if entry.isLast { collected[entry.request]?.isLast = true }
        }
    }
}
