import Engine
import RequestParameters
import Testing

/// Requests without a limit of their own: what they reserve, and what happens when that was too little.
@Suite struct UnlimitedRequestTests {
    private func configuration(context: Int, contexts: Int, tokensPerBlock: Int = 16) -> EngineConfiguration {
        EngineConfiguration(
            maxSequenceLength: context,
            blockCount: contexts * context / tokensPerBlock,
            tokensPerBlock: tokensPerBlock,
        )
    }

    /// A request as a client without `max_tokens` makes it.
    private func unlimited(_ prompt: [Int32], context: Int, ends: Set<Int32> = []) -> EngineRequest {
        var request = EngineRequest(promptTokens: prompt, maxTokens: context - prompt.count)
        request.hasExplicitLimit = false
        request.endTokens = ends
        return request
    }

    /// Iterations that sixteen users need who each ask five times, one after the other.
    private func iterations(_ make: (Int) -> EngineRequest) throws -> Int {
        var harness = try SchedulerHarness(configuration(context: 8192, contexts: 2))
        var asked = 0
        var open: Set<UInt64> = []
        while asked < 80 || !open.isEmpty {
            while asked < 80, open.count < 16 {
                open.insert(harness.add(make(asked)))
                asked += 1
            }
            harness.step()
            open = open.filter { harness.collected[$0]?.isLast == false }
        }
        harness.finish()
        harness.expectReferenceOutputs()
        return harness.plans.count
    }

    @Test func sixteenUsersWithoutALimitAreAsFastAsSixteenWithOne() throws {
        let prompt = { (user: Int) in (0..<10).map { Int32(($0 * 7 + user) % 50) } }
        let with = try iterations { user in
            var request = EngineRequest(promptTokens: prompt(user), maxTokens: 200)
            (request.endTokens, request.sampling.seed) = ([1, 2], UInt64(user))
            return request
        }
        let without = try iterations { user in
            var request = unlimited(prompt(user), context: 8192, ends: [1, 2])
            request.sampling.seed = UInt64(user)
            return request
        }
        #expect(Double(with) / Double(without) >= 0.9)
    }

    @Test func whatSuchRequestsNeededDecidesWhatIsReserved() throws {
        var configuration = configuration(context: 4096, contexts: 1)
        configuration.iterationSeconds = 10
        var harness = try SchedulerHarness(configuration)
        for prompt in 0..<12 { harness.add(unlimited([Int32(prompt)], context: 4096, ends: Set(0..<25))) }
        harness.step()
        // 33 of 256 blocks each, where whole contexts would let one run.
        #expect(harness.plans[0].slices.count == 7)
        harness.finish()
        for prompt in 0..<40 { harness.add(unlimited([Int32(prompt)], context: 4096, ends: Set(0..<25))) }
        harness.step()
        #expect(harness.plans.last?.slices.count == 40)
        harness.finish()
        harness.expectReferenceOutputs()
    }

    @Test func theEstimateIsWhatNineOfTenAnswersNeeded() {
        var estimate = OutputLengthEstimate()
        for length in 1..<OutputLengthEstimate.fewest { estimate.record(length) }
        #expect(estimate.tokens == OutputLengthEstimate.initial)
        for length in 1...OutputLengthEstimate.window { estimate.record(length) }
        #expect(estimate.tokens == 58)
        #expect(estimate.expectedLength(at: 10) == 58 && estimate.expectedLength(at: 100) == 126)
    }

    /// Teaches a scheduler that answers are short, so that many are admitted whose answers will be long.
    private func taught(_ configuration: EngineConfiguration) throws -> SchedulerHarness {
        var harness = try SchedulerHarness(configuration)
        for _ in 0..<OutputLengthEstimate.fewest {
            harness.add(unlimited([1], context: configuration.maxSequenceLength, ends: Set(0..<50)))
        }
        harness.finish()
        harness.plans = []
        return harness
    }

    @Test func theYoungestWithoutALimitIsPausedAndTheOldestIsNever() throws {
        var harness = try taught(configuration(context: 64, contexts: 1, tokensPerBlock: 4))
        let ids = (0..<3).map { harness.add(unlimited([Int32($0), 7], context: 64)) }
        harness.step()
        #expect(harness.plans[0].slices.map(\.key.request) == ids)
        harness.finish()
        #expect(harness.scheduler.pauseCount > 0)
        // The oldest ran in every iteration from its start to its end.
        #expect(harness.plans[..<62].allSatisfy { $0.slices.first?.key.request == ids[0] })
        // Each resumption is for good or gains a quarter: nothing is thrashed.
        #expect(harness.scheduler.pauseCount <= 8)
        harness.expectReferenceOutputs()
    }

    @Test func aRequestWithALimitIsNeverHeldUpByThoseWithout() throws {
        var harness = try taught(configuration(context: 64, contexts: 1, tokensPerBlock: 4))
        for prompt in 0..<4 { harness.add(unlimited([Int32(prompt), 7], context: 64)) }
        harness.step()
        let limited = harness.add(EngineRequest(promptTokens: [9, 9], maxTokens: 30))
        harness.finish()
        let ran = harness.plans.indices.filter { step in
            harness.plans[step].slices.contains { $0.key.request == limited }
        }
        let first = try #require(ran.first)
        #expect(first <= 1 && ran == Array(first..<first + 30))
        #expect(harness.scheduler.pauseCount > 0)
        harness.expectReferenceOutputs()
    }
}
