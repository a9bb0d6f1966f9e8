import Engine
import Models
import RequestParameters
import Testing

/// How much memory an iteration's logits take.
@Suite struct LogitMemoryTests {
    @Test(.timeLimit(.minutes(1))) func howeverManyRowsAreWantedAFewExistAtOnce() async throws {
        let model = ScriptedModel()
        var configuration = EngineConfiguration(maxSequenceLength: 128, blockCount: 4000, tokensPerBlock: 4)
        configuration.enableBlockReuse = false
        let engine = try EngineLoop(model: model, configuration: configuration)
        // Prompts that are scored, 16 at once with up to 64 rows each, beside 200 choices that each want a row.
        let requests = (0..<36).map { index in
            var request = EngineRequest(promptTokens: (0..<90).map { Int32(($0 * 3 + index) % 50) }, maxTokens: 20)
            request.promptLogProbabilities = index < 16 ? 2 : nil
            request.logProbabilities = 1
            request.choiceCount = index < 16 ? 1 : 10
            request.sampling.seed = UInt64(index)
            return request
        }
        let streams = try requests.map { try engine.submit($0) }
        for (request, stream) in zip(requests, streams) {
            var collected = Collected()
            for try await event in stream { collected.add(event) }
            for choice in 0..<request.choiceCount {
                #expect(collected.outputs[choice] == referenceOutput(request, choice: choice, model))
            }
            #expect(collected.promptLogProbabilities?.count == request.promptLogProbabilities.map { _ in 90 })
        }
        await engine.shutdown()
        #expect(model.mostLogitRows > EngineLoop.logitRowsAtOnce)
        #expect(model.reserved.logitRows <= EngineLoop.logitRowsAtOnce)
        #expect(model.mistakes == [])
    }
}
