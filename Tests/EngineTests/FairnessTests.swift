import Engine
import RequestParameters
import Testing

/// Who gets a place, when, and that nobody waits for ever.
@Suite struct FairnessTests {
    private func configuration(_ change: (inout EngineConfiguration) -> Void = { _ in }) -> EngineConfiguration {
        var configuration = EngineConfiguration(maxSequenceLength: 128, blockCount: 256, tokensPerBlock: 4)
        change(&configuration)
        return configuration
    }

    private func request(_ prompt: [Int32], maxTokens: Int = 4, group: UInt64? = nil) -> EngineRequest {
        var request = EngineRequest(promptTokens: prompt, maxTokens: maxTokens)
        request.group = group
        request.sampling.temperature = 0
        return request
    }

    /// The requests in the order in which they first ran.
    private func starts(_ harness: SchedulerHarness) -> [UInt64] { harness.plans.flatMap(\.started) }

    @Test func groupsTakeTurnsAndEqualsAreServedInTheOrderOfArrival() throws {
        var harness = try SchedulerHarness(configuration { $0.maxBatchSize = 1 })
        let first = (0..<3).map { harness.add(request([Int32($0)], group: 1)) }
        let second = (3..<5).map { harness.add(request([Int32($0)], group: 2)) }
        let alone = [6, 7].map { harness.add(request([$0])) }
        harness.finish()
        #expect(starts(harness) == [first[0], second[0], alone[0], alone[1], first[1], second[1], first[2]])
        harness.expectReferenceOutputs()
    }

    @Test func aSmallRequestGetsTheNextPlaceBesideABatchOfManyPrompts() throws {
        var harness = try SchedulerHarness(configuration { $0.maxBatchSize = 4 })
        for prompt in 0..<40 { harness.add(request([Int32(prompt)], maxTokens: 3 + prompt % 7, group: 9)) }
        for _ in 0..<10 { harness.step() }
        let startedBefore = starts(harness).count
        let small = harness.add(request([44]))
        harness.finish()
        #expect(starts(harness).firstIndex(of: small) == startedBefore)
        harness.expectReferenceOutputs()
    }

    @Test func theChoicesOfOneRequestLeaveAQuarterOfTheBlocksToOthers() throws {
        var harness = try SchedulerHarness(configuration { $0.blockCount = 32 })
        var many = request([1, 2, 3], maxTokens: 14)
        many.choiceCount = 12
        harness.add(many)
        for _ in 0..<3 { harness.step() }
        let small = harness.add(request([5, 6], maxTokens: 20))
        harness.step()
        #expect(harness.plans.last?.started == [small])
        harness.finish()
        harness.expectReferenceOutputs()
    }

    @Test func prefillGoesToEachGroupBeforeAGroupsSecondPrompt() {
        let shares = PrefillShare.shares(remaining: [100, 3, 3, 3, 50], groups: [1, 1, 1, 1, 2], budget: 20)
        #expect(shares == [10, 0, 0, 0, 10])
        let left = PrefillShare.shares(remaining: [100, 3, 3, 3, 4], groups: [1, 1, 1, 1, 2], budget: 20)
        #expect(left == [10, 3, 3, 0, 4])
    }

    @Test func aLargeRequestIsPassedABoundedNumberOfTimes() throws {
        var harness = try SchedulerHarness(configuration { $0.blockCount = 32 })
        for prompt in 0..<4 { harness.add(request([Int32(prompt)], maxTokens: 20)) }
        harness.step()
        // As many blocks as there are.
        let large = harness.add(request([9], maxTokens: 127))
        let before = starts(harness).count
        var steps = 0
        while !starts(harness).contains(large), steps < 500 {
            harness.add(request([Int32(steps % 50)], maxTokens: 3))
            harness.step()
            steps += 1
        }
        let passes = try #require(starts(harness).firstIndex(of: large)) - before
        #expect(passes > 0 && passes <= Scheduler.mostPasses)
        harness.finish()
        harness.expectReferenceOutputs()
    }

    /// A batch, long answers and a stream of small requests, with more waiting than can run at once.
    @Test(arguments: 1...4 as ClosedRange<UInt64>) func nobodyStarvesUnderLoad(seed: UInt64) throws {
        var random = SeededGenerator(seed)
        var harness = try SchedulerHarness(configuration { ($0.maxBatchSize, $0.blockCount) = (6, 96) })
        var arrivals: [UInt64: Int] = [:]
        var small: Set<UInt64> = []
        for prompt in 0..<120 {
            arrivals[harness.add(request([Int32(prompt % 50), 3], maxTokens: 12, group: 1))] = 0
        }
        for step in 0..<400 {
            if step % 3 == 0 {
                var chat = request([Int32.random(in: 0..<50, using: &random)], maxTokens: 6)
                if Bool.random(using: &random) { (chat.hasExplicitLimit, chat.maxTokens) = (false, 100) }
                chat.endTokens = [1, 2, 3, 4, 5, 6]
                let id = harness.add(chat)
                arrivals[id] = step
                small.insert(id)
            }
            if step % 80 == 0 { arrivals[harness.add(request([7, 8], maxTokens: 120))] = step }
            harness.step()
        }
        harness.finish()
        var waits: [UInt64: Int] = [:]
        for (step, plan) in harness.plans.enumerated() {
            for id in plan.started { waits[id] = step - (arrivals[id] ?? 0) }
        }
        #expect(waits.count == arrivals.count)
        #expect(small.compactMap { waits[$0] }.max() ?? .max < 150)
        // The batch had its share meanwhile.
        #expect(harness.plans[..<400].flatMap(\.started).count { $0 <= 120 } >= 20)
        harness.expectReferenceOutputs()
    }
}
