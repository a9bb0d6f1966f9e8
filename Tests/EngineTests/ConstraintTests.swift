import Engine
import GuidedDecoding
import Models
import RequestParameters
import Testing

/// Outputs that obey a constraint, and what else rules tokens out.
@Suite struct ConstraintTests {
    private func configuration(_ change: (inout EngineConfiguration) -> Void = { _ in }) -> EngineConfiguration {
        var configuration = EngineConfiguration(maxSequenceLength: 128, blockCount: 256, tokensPerBlock: 4)
        change(&configuration)
        return configuration
    }

    private func request(
        _ constraint: TableConstraint? = nil,
        prompt: [Int32] = [1, 2, 3],
        maxTokens: Int = 20,
        _ change: (inout EngineRequest) -> Void = { _ in },
    ) -> EngineRequest {
        var request = EngineRequest(promptTokens: prompt, maxTokens: maxTokens)
        request.constraint = constraint
        request.endTokens = [49]
        change(&request)
        return request
    }

    /// What a request gets when it runs alone, and in how many iterations.
    private func run(_ request: EngineRequest) throws -> (output: Output, iterations: Int) {
        var harness = try SchedulerHarness(configuration())
        let id = harness.add(request)
        harness.finish()
        return (try #require(harness.collected[id]?.outputs[0]), harness.plans.count)
    }

    /// Requests with many constraints, some without, at some temperatures and with some choices.
    private func mixed(appendsForcedTokens: Bool) -> [EngineRequest] {
        (0..<24).map { number in
            let prompt = (0...number).map { Int32($0 * 7 % 50) }
            let table = TableConstraint.random(seed: UInt64(number), vocabularySize: 49)
            return request(number % 5 == 4 ? nil : table, prompt: prompt, maxTokens: 1 + number * 3 % 40) { request in
                request.sampling.temperature = Float(number % 3) * 0.7
                request.sampling.seed = UInt64(number)
                request.choiceCount = 1 + number % 3
                request.appendsForcedTokens = appendsForcedTokens
                request.logProbabilities = number % 7 == 6 ? 2 : nil
                request.minTokens = number % 4
                if number % 6 == 5 { request.endTokens = [] }
            }
        }
    }

    @Test(arguments: [[0], [0, 8], [8]], [4, 64, 8192])
    func outputsObeyAndAreTheSameAloneAndInABatchWithForcedTextAndWithout(windows: [Int], mostTokens: Int) throws {
        var outputs: [[Int: Output]] = []
        for appends in [true, false] {
            var harness = try SchedulerHarness(
                configuration { $0.maxNumTokens = mostTokens },
                windows: windows
            )
            let requests = mixed(appendsForcedTokens: appends)
            let ids = requests.map { harness.add($0) }
            harness.finish()
            harness.expectReferenceOutputs()
            for (id, request) in zip(ids, requests) {
                for output in (harness.collected[id]?.outputs ?? [:]).values {
                    expect(output, obeys: request)
                }
                outputs.append(harness.collected[id]?.outputs ?? [:])
            }
        }
        #expect(Array(outputs.prefix(24)) == Array(outputs.suffix(24)))
        let reasons = outputs.flatMap { $0.values.map(\.reason) }
        #expect(reasons.contains(.complete) && reasons.contains(.length) && reasons.contains(.end(49)))
    }

    private func expect(_ output: Output, obeys request: EngineRequest) {
        guard let table = request.constraint as? TableConstraint else { return }
        let ended = output.reason == .end(49)
        let taken = table.take(ended ? output.tokens.dropLast() : output.tokens[...])
        #expect(taken.isAllowed)
        if ended || output.reason == .complete { #expect(taken.mayEnd) }
    }

    @Test func forcedTokensAreComputedTogether() throws {
        let forced = request(.sequence([7, 8, 9, 10, 11, 12]))
        let slow = request(.sequence([7, 8, 9, 10, 11, 12])) { $0.appendsForcedTokens = false }
        // All of them follow the prompt at once, and nothing has to be computed behind the last.
        let (output, iterations) = try run(forced)
        #expect(output.tokens == [7, 8, 9, 10, 11, 12] && output.reason == .complete && iterations == 1)
        #expect(try run(slow) == (output, 6))
    }

    @Test func aRunOfForcedTokensIsOnePartOfALaterIteration() throws {
        // One choice between two, then five forced tokens, then a choice again.
        let forced = (1...5).map { [Int32($0): $0 + 1] }
        let table = TableConstraint(states: [[20: 1, 21: 1]] + forced + [[30: 7, 31: 7], [:]], ends: [7])
        var harness = try SchedulerHarness(configuration())
        harness.add(request(table))
        harness.finish()
        harness.expectReferenceOutputs()
        #expect(harness.plans.map { $0.slices[0].tokens.count } == [3, 6])
        #expect(harness.plans[1].slices[0].isDecoding && StepLoad(harness.plans[1]).decodingRows == 6)
    }

    @Test func runsAreCutToTheTokensOfAnIteration() throws {
        let table = TableConstraint.sequence((0..<20).map { Int32($0) } + [20])
        var harness = try SchedulerHarness(configuration { $0.maxNumTokens = 5 })
        harness.add(request(TableConstraint(states: table.states.dropLast() + [[1: 0]], ends: []), maxTokens: 40))
        harness.finish()
        harness.expectReferenceOutputs()
        #expect(harness.plans.allSatisfy { $0.slices.reduce(0) { $0 + $1.tokens.count } <= 5 })
    }

    @Test func endTokensAreAllowedExactlyWhereTheOutputMayEnd() throws {
        // Ones and twos, an even number of them; the end is by far the most probable.
        let table = TableConstraint(states: [[1: 1, 2: 1], [1: 0, 2: 0]], ends: [0])
        for seed in 0..<20 as Range<UInt64> {
            let (output, _) = try run(request(table, maxTokens: 9) { $0.sampling.seed = seed })
            #expect(output.reason == .end(49) ? output.tokens.count % 2 == 1 : output.tokens.count == 9)
        }
        let eager = request(table, maxTokens: 9) { request in
            request.sampling.temperature = 0
            request.sampling.logitBias = [49: 100]
        }
        #expect(try run(eager).output.tokens == [49])
        let late = request(table, maxTokens: 9) { request in
            request.sampling.temperature = 0
            request.sampling.logitBias = [49: 100]
            request.minTokens = 3
        }
        let (output, _) = try run(late)
        #expect(output.tokens.count == 5 && output.reason == .end(49))
    }

    @Test func withoutEndTokensTheOutputEndsWhereNothingElseMayFollow() throws {
        let (output, _) = try run(request(.sequence([4, 5])) { $0.endTokens = [] })
        #expect(output.tokens == [4, 5] && output.reason == .complete)
        let exact = try run(request(.sequence([4, 5]), maxTokens: 2)).output
        #expect(exact.tokens == [4, 5] && exact.reason == .complete)
        let short = try run(request(.sequence([4, 5]), maxTokens: 1)).output
        #expect(short.tokens == [4] && short.reason == .length)
        let nothing = try run(request(TableConstraint(states: [[:]], ends: [0])) { $0.endTokens = [] }).output
        #expect(nothing.tokens == [] && nothing.reason == .complete)
    }

    @Test func whereNothingMayFollowAndNothingMayEndTheChoiceFails() throws {
        let dead = TableConstraint(states: [[3: 1], [:]], ends: [])
        let output = try run(request(dead)).output
        #expect(output.tokens == [3] && output.reason == .failed("none of the tokens may come next"))
        let ruledOut = try run(request(.sequence([3, 4])) { $0.sampling.allowedTokens = [3] }).output
        #expect(ruledOut.tokens == [3] && ruledOut.reason == .failed("none of the tokens may come next"))
        let early = try run(
            request { request in
                request.sampling.allowedTokens = [49]
                request.minTokens = 1
            }
        ).output
        #expect(early.tokens == [] && early.reason == .failed("none of the tokens may come next"))
    }

    @Test(.timeLimit(.minutes(1))) func aChoiceThatFailsEndsAndTheOthersGoOn() async throws {
        let model = ScriptedModel()
        let engine = try EngineLoop(model: model, configuration: configuration())
        let failing = try engine.submit(request(TableConstraint(states: [[3: 1], [:]], ends: [])))
        let other = request(maxTokens: 12) { $0.endTokens = [] }
        let fine = try engine.submit(other)
        #expect(try await collect(failing).outputs[0]?.reason == .failed("none of the tokens may come next"))
        #expect(try await collect(fine).outputs[0] == referenceOutput(other, choice: 0, model))
        await engine.shutdown()
    }

    @Test func logProbabilitiesAreThoseOfTheRawLogits() throws {
        let table = TableConstraint(states: [[4: 0, 5: 0]], ends: [])
        let asked = request(table, maxTokens: 5) { $0.logProbabilities = 3 }
        let output = try run(asked).output
        let model = ScriptedModel()
        for (position, report) in output.logProbabilities.enumerated() {
            let row = model.logits(after: asked.promptTokens + output.tokens[..<position])
            let raw = row.withUnsafeBufferPointer {
                LogProbabilities.report($0, chosen: output.tokens[position], alternatives: 3)
            }
            #expect(report == raw)
        }
        #expect(output.logProbabilities.count == 5 && Set(output.tokens).isSubset(of: [4, 5]))
    }

    @Test func onlyAllowedTokensAreChosen() throws {
        for seed in 0..<10 as Range<UInt64> {
            let (output, _) = try run(
                request { request in
                    request.sampling.allowedTokens = [6, 7, 49]
                    request.sampling.seed = seed
                }
            )
            #expect(Set(output.tokens).isSubset(of: [6, 7, 49]))
        }
    }

    @Test func aBannedSequenceIsNeverCompleted() throws {
        let allowed: Set<Int32> = [6, 7, 8]
        for seed in 0..<20 as Range<UInt64> {
            let (output, _) = try run(
                request(maxTokens: 60) { request in
                    request.sampling.allowedTokens = allowed
                    request.sampling.bannedSequences = [[6, 7, 8], [8, 8], [7, 7, 7, 7]]
                    request.sampling.seed = seed
                }
            )
            for banned in [[6, 7, 8], [8, 8], [7, 7, 7, 7]] as [[Int32]] {
                let places = 0...output.tokens.count - banned.count
                #expect(!places.contains { output.tokens[$0..<$0 + banned.count].elementsEqual(banned) })
            }
            #expect(Set(output.tokens) == allowed && output.tokens.count == 60)
        }
        let single = try run(
            request { request in
                request.sampling.allowedTokens = [6, 7]
                request.sampling.bannedSequences = [[7]]
            }
        ).output
        #expect(Set(single.tokens) == [6])
    }

    @Test func topPDecaysToItsBoundAndATokenResetsIt() {
        // Probabilities of 0.6 and 0.4: below a top-p of 0.6 only the first is left.
        let logits: [Float] = [-0.510_826, -0.916_291]
        func second(at position: Int, after output: [Int32] = [], _ change: (inout SamplingParameters) -> Void) -> Bool
        {
            var sampler = Sampler(vocabularySize: 2)
            return (0..<64).contains { seed in
                var request = EngineRequest(promptTokens: [0], maxTokens: 100)
                request.sampling.seed = UInt64(seed)
                request.sampling.topPDecay = 0.8
                change(&request.sampling)
                var progress = ChoiceProgress(request)
                for token in output { progress.history.record(token) }
                return logits.withUnsafeBufferPointer {
                    sampler.sample($0, request: request, progress: &progress, choice: 0, outputCount: position)
                } == 1
            }
        }
        // 1, 0.8, 0.64, 0.512.
        #expect((0...3).map { second(at: $0) { _ in } } == [true, true, true, false])
        #expect(second(at: 50) { $0.topPMin = 0.7 })
        #expect(!second(at: 50) { $0.topPMin = 0.5 })
        #expect(second(at: 50) { $0.topPDecay = 1 })
        #expect(second(at: 4, after: [0, 0, 0, 1]) { $0.topPResetToken = 1 })
        #expect(!second(at: 4, after: [1, 0, 0, 0]) { $0.topPResetToken = 1 })
    }
}
