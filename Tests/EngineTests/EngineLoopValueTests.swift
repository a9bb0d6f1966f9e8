import Engine
import Models
import RequestParameters
import Synchronization
import Testing

/// What the engine reports: the same bits in any company, true statistics, true times.
@Suite struct EngineLoopValueTests {
    private static func configuration(_ change: (inout EngineConfiguration) -> Void = { _ in }) -> EngineConfiguration {
        var configuration = EngineConfiguration(maxSequenceLength: 256, blockCount: 400, tokensPerBlock: 4)
        change(&configuration)
        return configuration
    }

    private static func request() -> EngineRequest {
        var request = EngineRequest(promptTokens: (0..<70).map { Int32($0 * 13 % 50) }, maxTokens: 40)
        request.sampling.seed = 77
        request.sampling.topP = 0.9
        request.sampling.repetitionPenalty = 1.2
        request.logProbabilities = 5
        request.choiceCount = 2
        return request
    }

    @Test(.timeLimit(.minutes(1))) func aloneOrInABatchOf16ChunkedOrNotColdOrCachedTheBitsAreTheSame() async throws {
        let model = ScriptedModel()
        let expected = (0..<2).map { referenceOutput(Self.request(), choice: $0, model) }
        let changes: [@Sendable (inout EngineConfiguration) -> Void] = [
            { _ in },
            { $0.prefillTokens = 3 },
            { ($0.enableChunkedPrefill, $0.maxNumTokens) = (false, 100) },
            { ($0.capacityPolicy, $0.blockCount) = (.maxUtilization, 70) },
            { $0.enableBlockReuse = false },
        ]
        for change in changes {
            let engine = try EngineLoop(model: ScriptedModel(), configuration: Self.configuration(change))
            for company in [0, 15, 0] {
                let others = try (0..<company).map { other in
                    var request = EngineRequest(
                        promptTokens: Array(Self.request().promptTokens[other...]),
                        maxTokens: 30
                    )
                    request.sampling.seed = UInt64(other)
                    return try engine.submit(request)
                }
                let outputs = try await collect(engine.submit(Self.request())).outputs
                #expect(outputs[0] == expected[0] && outputs[1] == expected[1])
                for other in others { _ = try await collect(other) }
            }
            await engine.shutdown()
        }
    }

    @Test(.timeLimit(.minutes(1))) func thePromptsLogProbabilitiesAndLogitsComeOnceBeforeTheFirstToken() async throws {
        let model = ScriptedModel()
        let engine = try EngineLoop(model: model, configuration: Self.configuration { $0.prefillTokens = 3 })
        var request = EngineRequest(promptTokens: [5, 6, 7, 8, 9, 10, 11], maxTokens: 2)
        _ = try await collect(engine.submit(request))
        request.promptLogProbabilities = 2
        request.returnContextLogits = true
        let collected = try await collect(engine.submit(request))
        #expect(collected.names == ["started", "prompt", "logits", "token", "token", "finished"])
        let rows = (1...7).map { model.logits(after: Array(request.promptTokens[..<$0])) }
        #expect(collected.contextLogits == rows)
        let expected = (0..<6).map { position in
            rows[position].withUnsafeBufferPointer {
                LogProbabilities.report($0, chosen: request.promptTokens[position + 1], alternatives: 2)
            }
        }
        #expect(collected.promptLogProbabilities == [nil] + expected)
        await engine.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func withoutTokensToGenerateThePromptIsReportedAndEveryChoiceEnds() async throws {
        let model = ScriptedModel()
        let engine = try EngineLoop(model: model, configuration: Self.configuration { $0.prefillTokens = 3 })
        var request = EngineRequest(promptTokens: [5, 6, 7, 8, 9], maxTokens: 0)
        (request.promptLogProbabilities, request.returnContextLogits, request.choiceCount) = (1, true, 2)
        let collected = try await collect(engine.submit(request))
        #expect(collected.names == ["started", "prompt", "logits", "finished", "finished"])
        #expect(collected.outputs.mapValues(\.reason) == [0: .length, 1: .length])
        #expect(collected.contextLogits == (1...5).map { model.logits(after: Array(request.promptTokens[..<$0])) })
        #expect(collected.promptLogProbabilities?.count == 5)
        // What was computed is found again, and nothing more is computed than asked for.
        (request.promptLogProbabilities, request.returnContextLogits) = (nil, false)
        #expect(try await collect(engine.submit(request)).startedWith == 4)
        while !engine.activity.isParked { await Task.yield() }
        #expect(engine.activity.kvCache.usedNumBlocks == 0 && engine.activity.totals.generatedTokens == 0)
        await engine.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func statisticsAreTrueAndDrainedOnRead() async throws {
        let time = Atomic(UInt64(1000))
        let clock = EngineClock(
            monotonicSeconds: { Double(time.add(1, ordering: .relaxed).newValue) },
            wallSeconds: { 1_750_000_000 },
        )
        let engine = try EngineLoop(
            model: ScriptedModel { _ in time.add(100, ordering: .relaxed) },
            configuration: Self.configuration { $0.collectsRequestStatistics = true },
            clock: clock,
        )
        #expect(engine.drainStatistics().isEmpty)
        let stream = try engine.submit(EngineRequest(promptTokens: [1, 2, 3, 4, 5], maxTokens: 3))
        let collected = try await collect(stream)
        while !engine.activity.isParked { await Task.yield() }
        let all = engine.drainStatistics()
        #expect(engine.drainStatistics().isEmpty)
        #expect(all.map(\.iteration) == [1, 2, 3])
        let (first, last) = (try #require(all.first), try #require(all.last))
        #expect(first.inflightBatching.numCtxTokens == 5 && first.inflightBatching.numContextRequests == 1)
        #expect(last.inflightBatching.numGenRequests == 1 && last.inflightBatching.numCtxTokens == 0)
        #expect(all.map(\.numNewActiveRequests) == [1, 0, 0])
        #expect(all.map(\.numCompletedRequests) == [0, 0, 1])
        #expect(all.map(\.numActiveRequests) == [1, 1, 1])
        #expect(all.map(\.kvCache.usedNumBlocks) == [2, 2, 0])
        #expect(all.map(\.kvCache.freeNumBlocks) == [398, 398, 400])
        #expect(last.kvCache.allocNewBlocks == 2 && last.kvCache.missedBlocks == 2)
        #expect(first.iterLatencyMS >= 100_000 && first.newActiveRequestsQueueLatencyMS > 0)
        #expect(first.timestamp == 1_750_000_000 && first.cpuMemUsage > 1_000_000)
        #expect(first.maxBatchSizeStatic == 2048 && first.maxBatchSizeTunerRecommended == 2)
        #expect(first.maxNumTokensStatic == 8192 && first.maxNumTokensTunerRecommended == 8)
        #expect(
            all.flatMap(\.requests).map(\.stage) == [.generationInProgress, .generationInProgress, .generationComplete]
        )
        #expect(last.requests.first?.numGeneratedTokens == 3 && last.requests.first?.id == Int(stream.id))
        let record = stream.record
        let scheduled = try #require(record.firstScheduled)
        let (token, end) = (try #require(record.firstToken), try #require(record.lastToken))
        #expect(record.arrival < scheduled && scheduled + 100 < token && token + 200 < end)
        #expect(record.finished == end && collected.startedWith == 0)
        #expect(record.firstIteration == 1 && record.lastIteration == 3 && record.blocks == nil)
        await engine.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func noStatisticsAreKeptWhenTheyAreOff() async throws {
        let engine = try EngineLoop(
            model: ScriptedModel(),
            configuration: Self.configuration { $0.collectsStatistics = false },
        )
        _ = try await collect(engine.submit(EngineRequest(promptTokens: [1], maxTokens: 3)))
        #expect(engine.drainStatistics().isEmpty)
        await engine.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func theActivityCountsCachedTokensAndFinishReasons() async throws {
        let engine = try EngineLoop(model: ScriptedModel(), configuration: Self.configuration())
        var request = EngineRequest(promptTokens: [1, 2, 3, 4, 5, 6], maxTokens: 3)
        let first = try await collect(engine.submit(request))
        request.endTokens = Set(first.outputs[0]?.tokens ?? [])
        _ = try await collect(engine.submit(request))
        while !engine.activity.isParked { await Task.yield() }
        let totals = engine.activity.totals
        #expect(totals.promptTokens == 12 && totals.cachedPromptTokens == 5)
        #expect(totals.lengthChoices == 1 && totals.stoppedChoices == 1 && totals.generatedTokens == 4)
        #expect(engine.activity.kvCache.reusedBlocks == 2)
        await engine.shutdown()
    }
}
