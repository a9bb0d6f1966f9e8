import Engine
import RequestParameters
import Synchronization
import Testing

@Suite struct SchedulerTests {
    private func configuration(
        blocks: Int = 64,
        _ change: (inout EngineConfiguration) -> Void = { _ in },
    ) -> EngineConfiguration {
        var configuration = EngineConfiguration(maxSequenceLength: 128, blockCount: blocks, tokensPerBlock: 4)
        change(&configuration)
        return configuration
    }

    private func request(
        _ prompt: some Sequence<Int32>,
        maxTokens: Int = 4,
        _ change: (inout EngineRequest) -> Void = { _ in },
    ) -> EngineRequest {
        var request = EngineRequest(promptTokens: Array(prompt), maxTokens: maxTokens)
        request.sampling.temperature = 0
        change(&request)
        return request
    }

    @Test func anIterationHasEveryDecodingRowBesideABoundedPrefillChunk() throws {
        var harness = try SchedulerHarness(configuration { $0.prefillTokensBesideDecoding = 5 })
        for first in 1...3 as ClosedRange<Int32> { harness.add(request([first], maxTokens: 30)) }
        harness.step()
        harness.add(request((0..<40).map { Int32($0) }))
        for _ in 0..<8 { harness.step() }
        for plan in harness.plans[1...] {
            #expect(plan.slices.count { $0.isDecoding } == 3)
            #expect(plan.slices.last?.tokens.count == 5)
        }
        harness.finish()
        harness.expectReferenceOutputs()
    }

    @Test func aShortPromptOvertakesALongOne() throws {
        var harness = try SchedulerHarness(configuration { $0.prefillTokens = 16 })
        let long = harness.add(request((0..<49).map { Int32($0) } + (0..<49).map { Int32($0) }))
        let short = harness.add(request([4, 5, 6]))
        harness.step()
        #expect(harness.collected[short]?.outputs[0]?.tokens.count == 1)
        #expect(harness.collected[long]?.outputs[0] == nil)
        #expect(harness.plans[0].slices.map(\.tokens.count) == [13, 3])
        harness.finish()
        harness.expectReferenceOutputs()
    }

    /// Shares of prompts of one group.
    private func shares(_ remaining: [Int], budget: Int) -> [Int] {
        PrefillShare.shares(remaining: remaining, groups: remaining.map { _ in 0 }, budget: budget)
    }

    @Test func prefillSharesGiveHalfToTheOldestAndTheRestToTheShortest() {
        #expect(shares([100, 50, 3, 4], budget: 20) == [10, 3, 3, 4])
        #expect(shares([100], budget: 20) == [20])
        #expect(shares([2, 50], budget: 20) == [2, 18])
        #expect(shares([100, 1], budget: 20) == [19, 1])
        #expect(shares([100, 100], budget: 1) == [1, 0])
        #expect(shares([100, 100], budget: 0) == [0, 0])
        #expect(shares([], budget: 9) == [])
        #expect(PrefillShare.wholeShares(remaining: [5, 9, 1], budget: 8) == [5, 0, 0])
        #expect(PrefillShare.wholeShares(remaining: [5, 3, 1], budget: 8) == [5, 3, 0])
    }

    @Test func aPromptIsComputedWholeWithoutChunkedPrefill() throws {
        var harness = try SchedulerHarness(
            configuration { ($0.enableChunkedPrefill, $0.maxNumTokens, $0.prefillTokens) = (false, 40, 8) }
        )
        harness.add(request((0..<40).map { Int32($0) }))
        harness.add(request((0..<30).map { Int32(49 - $0) }))
        harness.finish()
        #expect(harness.plans[0].slices.map(\.tokens.count) == [40])
        #expect(harness.plans[1].slices.map(\.tokens.count) == [1, 30])
        harness.expectReferenceOutputs()
    }

    @Test func choicesShareThePromptAndDifferAfterIt() throws {
        var harness = try SchedulerHarness(configuration())
        let id = harness.add(
            request((0..<10).map { Int32($0) }, maxTokens: 6) {
                ($0.choiceCount, $0.sampling.temperature) = (3, 1)
            }
        )
        harness.step()
        #expect(harness.plans[0].slices.map(\.choices) == [[0, 1, 2]])
        // Two full blocks shared, one partly filled block each.
        #expect(harness.scheduler.cache.usedCount == 2 + 3)
        harness.finish()
        #expect(harness.model.computedRows.load(ordering: .relaxed) == 10 + 3 * 5)
        #expect(Set((harness.collected[id]?.outputs ?? [:]).values.map(\.tokens)).count == 3)
        harness.expectReferenceOutputs()
    }

    @Test func aSecondRequestReusesFullAndPartialBlocksOfTheFirst() throws {
        var harness = try SchedulerHarness(configuration())
        harness.add(request((0..<11).map { Int32($0) }, maxTokens: 1))
        harness.finish()
        let second = harness.add(request((0..<10).map { Int32($0) } + [40, 41], maxTokens: 2))
        harness.finish()
        #expect(harness.collected[second]?.startedWith == 10)
        #expect(harness.plans[1].slices.first?.tokens == [40, 41])
        #expect(harness.scheduler.cache.counters.reused == 3)
        harness.expectReferenceOutputs()
    }

    @Test func anIdenticalPromptStillComputesItsLastToken() throws {
        var harness = try SchedulerHarness(configuration())
        let first = harness.add(request((0..<8).map { Int32($0) }))
        harness.finish()
        let second = harness.add(request((0..<8).map { Int32($0) }))
        harness.finish()
        #expect(harness.collected[second]?.startedWith == 7)
        #expect(harness.collected[first]?.outputs == harness.collected[second]?.outputs)
        harness.expectReferenceOutputs()
    }

    @Test func generatedTokensAreReusedByTheNextTurn() throws {
        var harness = try SchedulerHarness(configuration())
        let first = harness.add(request([1, 2, 3], maxTokens: 9))
        harness.finish()
        let answer = harness.collected[first]?.outputs[0]?.tokens ?? []
        let second = harness.add(request([1, 2, 3] + answer + [5, 6]))
        harness.finish()
        // All but the answer's last token, which was never computed.
        #expect(harness.collected[second]?.startedWith == 3 + 8)
        harness.expectReferenceOutputs()
    }

    @Test func aPromptBeingComputedIsTakenOverByThoseBehindIt() throws {
        var harness = try SchedulerHarness(configuration { $0.prefillTokens = 8 })
        let prompt = (0..<40).map { Int32($0) }
        harness.add(request(prompt))
        harness.step()
        harness.add(request(prompt + [7]))
        harness.finish()
        #expect(harness.model.computedRows.load(ordering: .relaxed) < 40 + 41)
        harness.expectReferenceOutputs()
    }

    @Test func cancellingFreesBlocksWhereverTheRequestIs() throws {
        var harness = try SchedulerHarness(configuration(blocks: 40) { $0.prefillTokens = 8 })
        let decoding = harness.add(request([1, 2], maxTokens: 100))
        harness.step()
        let prefilling = harness.add(request((0..<45).map { Int32($0) }, maxTokens: 3))
        harness.step()
        let queued = harness.add(request([9], maxTokens: 100))
        harness.step()
        #expect(harness.scheduler.queuedRequestCount == 1)
        for id in [queued, prefilling, decoding] {
            harness.cancel(id)
            #expect(harness.collected[id]?.isLast == true)
            #expect(harness.collected[id]?.outputs[0]?.reason == .cancelled)
        }
        #expect(harness.scheduler.cache.usedCount == 0)
        let hasStepped = harness.step()
        #expect(!hasStepped)
        harness.cancel(queued)
    }

    @Test func theYoungestIsPausedWhenBlocksRunOutAndLosesNothing() throws {
        var harness = try SchedulerHarness(
            configuration(blocks: 8) { ($0.capacityPolicy, $0.maxSequenceLength) = (.maxUtilization, 32) }
        )
        let old = harness.add(request([1, 2, 3], maxTokens: 25))
        let young = harness.add(request([4, 5, 6], maxTokens: 25))
        var pausedAt: Int?
        while harness.step() {
            if harness.scheduler.pausedSequenceCount > 0, pausedAt == nil {
                pausedAt = harness.collected[young]?.outputs[0]?.tokens.count
                #expect(harness.plans.last?.slices.map(\.key.request) == [old])
            }
        }
        #expect(pausedAt ?? 0 > 5)
        #expect(harness.collected[old]?.isLast == true && harness.collected[young]?.isLast == true)
        harness.expectReferenceOutputs()
    }

    @Test func theGuaranteedPolicyAdmitsOnlyWhatFitsToItsEnd() throws {
        var harness = try SchedulerHarness(configuration(blocks: 8))
        harness.add(request([1, 2, 3], maxTokens: 14))
        harness.add(request([4, 5, 6], maxTokens: 14))
        harness.add(request([7], maxTokens: 2))
        harness.step()
        // Four blocks each; the third has to wait though there are free blocks.
        #expect(harness.plans[0].slices.map(\.key.request) == [1, 2])
        #expect(harness.scheduler.cache.availableCount == 6)
        harness.finish()
        harness.expectReferenceOutputs()
    }

    @Test func promptRowsAreReportedOnceEvenWhenTheirPrefixIsCached() throws {
        var harness = try SchedulerHarness(configuration { $0.prefillTokens = 6 })
        harness.add(request((0..<16).map { Int32($0) }))
        harness.finish()
        harness.plans = []
        harness.add(request((0..<16).map { Int32($0) }) { $0.promptLogProbabilities = 0 })
        harness.finish()
        let reported = harness.plans.flatMap { plan in
            plan.slices.flatMap { slice in slice.promptRows.map { slice.position + $0 } }
        }
        #expect(reported == Array(0..<16))
        harness.expectReferenceOutputs()
    }

    @Test func endAndStopTokensEndTheirChoiceAndAreReported() throws {
        var harness = try SchedulerHarness(configuration())
        let free = harness.add(request([3], maxTokens: 8))
        harness.finish()
        let tokens = harness.collected[free]?.outputs[0]?.tokens ?? []
        let third = try #require(tokens.dropFirst(2).first)
        let end = harness.add(request([3], maxTokens: 8) { ($0.endTokens, $0.stopTokens) = ([third], [third]) })
        let stop = harness.add(request([3], maxTokens: 8) { $0.stopTokens = [third] })
        harness.finish()
        #expect(harness.collected[end]?.outputs[0]?.reason == .end(third))
        #expect(harness.collected[stop]?.outputs[0]?.reason == .stop(third))
        #expect(harness.collected[stop]?.outputs[0]?.tokens.last == third)
        #expect(harness.collected[free]?.outputs[0]?.reason == .length)
    }
}
