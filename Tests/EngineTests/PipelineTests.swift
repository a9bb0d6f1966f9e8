import Engine
import Models
import RequestParameters
import Synchronization
import Testing

/// Several iterations in flight: of different sequences, and with the tokens that one after the other gives.
@Suite struct PipelineTests {
    /// A model that computes a batch only when it ends, and several at a time, as ranks in stages do.
    private final class StagedModel: LanguageModel {
        let scripted: ScriptedModel
        let batchesAtOnce: Int
        private let begun = Mutex<[ModelBatch]>([])
        /// Most batches that were in flight, and what was wrong with them.
        let most = Mutex(0)
        let mistakes = Mutex<[String]>([])
        let reason = Mutex<String?>(nil)

        init(_ scripted: ScriptedModel, batchesAtOnce: Int) {
            self.scripted = scripted
            self.batchesAtOnce = batchesAtOnce
        }

        var limits: ModelLimits { scripted.limits }
        var failure: String? { reason.withLock { $0 } }
        func allocateKVCache(blockCount: Int, tokensPerBlock: Int) throws {
            try scripted.allocateKVCache(blockCount: blockCount, tokensPerBlock: tokensPerBlock)
        }
        func reserve(tokens: Int, logitRows: Int) throws {
            try scripted.reserve(tokens: tokens, logitRows: logitRows)
        }
        func begin(_ batch: ModelBatch) {
            begun.withLock { begun in
                let others = Set(begun.flatMap(\.slices).flatMap(written))
                if !others.isDisjoint(with: batch.slices.flatMap(written)) {
                    mistakes.withLock { $0.append("a block is written by two batches in flight") }
                }
                begun.append(batch)
                most.withLock { $0 = max($0, begun.count) }
            }
        }
        /// The blocks that a slice's rows go to.
        private func written(_ slice: ModelBatch.Slice) -> ArraySlice<Int32> { slice.blocks[(slice.position / 4)...] }
        func finish() { scripted.forward(begun.withLock { $0.removeFirst() }) }
        func forward(_ batch: ModelBatch) {
            begin(batch)
            finish()
        }
        func logits(_ rows: Range<Int>) -> UnsafeBufferPointer<Float> { scripted.logits(rows) }
        func addHiddenStates(_ rows: Range<Int>, to sums: inout [Float]) {
            scripted.addHiddenStates(rows, to: &sums)
        }
        func copyBlock(from source: Int32, to destination: Int32) {
            scripted.copyBlock(from: source, to: destination)
        }
    }

    private static func engine(
        _ model: StagedModel,
        blocks: Int = 200,
        policy: CapacityPolicy = .guaranteedNoEvict,
    ) throws -> EngineLoop {
        var configuration = EngineConfiguration(maxSequenceLength: 128, blockCount: blocks, tokensPerBlock: 4)
        configuration.capacityPolicy = policy
        return try EngineLoop(model: model, configuration: configuration)
    }

    private static func request(_ index: Int, maxTokens: Int) -> EngineRequest {
        let prompt = (0...index % 23).map { Int32(($0 * 7 + index) % 50) }
        var request = EngineRequest(promptTokens: prompt, maxTokens: maxTokens)
        request.sampling.seed = UInt64(index)
        request.choiceCount = 1 + index % 3
        return request
    }

    @Test(.timeLimit(.minutes(1)), arguments: [2, 3, 5])
    func everybodyGetsWhatOneIterationAtATimeGives(batchesAtOnce: Int) async throws {
        let model = StagedModel(ScriptedModel(), batchesAtOnce: batchesAtOnce)
        let engine = try Self.engine(model)
        let requests = (0..<40).map { Self.request($0, maxTokens: 3 + $0 % 20) }
        let streams = try requests.map { try engine.submit($0) }
        for (request, stream) in zip(requests, streams) {
            let collected = try await collect(stream)
            for choice in 0..<request.choiceCount {
                #expect(collected.outputs[choice] == referenceOutput(request, choice: choice, model.scripted))
            }
        }
        await engine.shutdown()
        #expect(model.most.withLock { $0 } == batchesAtOnce)
        #expect(model.mistakes.withLock { $0 } == [] && model.scripted.mistakes == [])
    }

    /// So few blocks that sequences are paused.
    @Test(.timeLimit(.minutes(1)), arguments: [2, 4])
    func whoIsPausedLosesNothing(batchesAtOnce: Int) async throws {
        let model = StagedModel(ScriptedModel(), batchesAtOnce: batchesAtOnce)
        let engine = try Self.engine(model, blocks: 40, policy: .maxUtilization)
        let requests = (0..<24).map { Self.request($0, maxTokens: 40) }
        let streams = try requests.map { try engine.submit($0) }
        for (request, stream) in zip(requests, streams) {
            let collected = try await collect(stream)
            for choice in 0..<request.choiceCount {
                #expect(collected.outputs[choice] == referenceOutput(request, choice: choice, model.scripted))
            }
        }
        #expect(engine.activity.totals.pauses > 0)
        await engine.shutdown()
        #expect(model.mistakes.withLock { $0 } == [] && model.scripted.mistakes == [])
    }

    @Test(.timeLimit(.minutes(1))) func whoIsCancelledInFlightIsNoBurdenToOthers() async throws {
        let model = StagedModel(ScriptedModel(), batchesAtOnce: 2)
        let engine = try Self.engine(model)
        let requests = (0..<30).map { Self.request($0, maxTokens: 60) }
        let streams = try requests.map { try engine.submit($0) }
        for index in stride(from: 0, to: 30, by: 2) { engine.cancel(streams[index].id) }
        for index in stride(from: 1, to: 30, by: 2) {
            let collected = try await collect(streams[index])
            #expect(collected.outputs[0] == referenceOutput(requests[index], choice: 0, model.scripted))
        }
        for index in stride(from: 0, to: 30, by: 2) { _ = try await collect(streams[index]) }
        while !engine.activity.isParked { try await Task.sleep(for: .milliseconds(1)) }
        #expect(engine.activity.kvCache.usedNumBlocks == 0)
        await engine.shutdown()
        #expect(model.mistakes.withLock { $0 } == [] && model.scripted.mistakes == [])
    }

    @Test(.timeLimit(.minutes(1))) func whatAModelGivesBehindAFailureIsDeliveredToNobody() async throws {
        let model = StagedModel(ScriptedModel(), batchesAtOnce: 2)
        let engine = try Self.engine(model)
        model.reason.withLock { $0 = "rank 1 is lost: killed" }
        for index in 0..<4 {
            let stream = try engine.submit(Self.request(index, maxTokens: 5))
            let error = await #expect(throws: EngineError.self) { try await collect(stream) }
            #expect(error.map { "\($0)" }?.contains("rank 1 is lost: killed") == true)
        }
        await engine.shutdown()
    }
}
