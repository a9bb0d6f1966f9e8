import Checkpoints
import Engine
import Foundation
import Models
import Synchronization
import Tensors
import Testing

/// Requests for embeddings: the means of a prompt's hidden states, of decoders and encoders.
@Suite struct EmbeddingTests {
    private static func configuration(_ change: (inout EngineConfiguration) -> Void = { _ in }) -> EngineConfiguration {
        var configuration = EngineConfiguration(maxSequenceLength: 256, blockCount: 400, tokensPerBlock: 4)
        change(&configuration)
        return configuration
    }

    private static func tokens(_ count: Int, from start: Int = 0) -> [Int32] {
        (start..<start + count).map { Int32($0 * 13 % 50) }
    }

    private static func mean(_ rows: [[Float]]) -> [Float] {
        var sums = [Float](repeating: 0, count: rows[0].count)
        for row in rows { sums = zip(sums, row).map { $0 + $1 } }
        return rows.count > 1 ? sums.map { $0 / Float(rows.count) } : sums
    }

    @Test(.timeLimit(.minutes(1)), arguments: [true, false])
    func aloneOrInABatchChunkedOrNotColdOrCachedTheBitsAreTheSame(isCausal: Bool) async throws {
        let prompt = Self.tokens(70)
        let states = ScriptedModel(isCausal: isCausal).hiddenStates(of: prompt)
        let changes: [@Sendable (inout EngineConfiguration) -> Void] = [
            { _ in },
            { $0.prefillTokens = 3 },
            { ($0.enableChunkedPrefill, $0.maxNumTokens) = (false, 100) },
            { ($0.capacityPolicy, $0.blockCount) = (.maxUtilization, 70) },
        ]
        for change in changes {
            let engine = try EngineLoop(
                model: ScriptedModel(isCausal: isCausal),
                configuration: Self.configuration(change)
            )
            for company in [0, 15, 0] {
                let others = try (0..<company).map { other in
                    let tokens = Self.tokens(70 - other, from: other)
                    return try engine.submit(EngineRequest(promptTokens: tokens, pooledPositions: 0..<tokens.count))
                }
                for positions in [0..<70, 0..<1, 69..<70, 10..<30] {
                    let request = EngineRequest(promptTokens: prompt, pooledPositions: positions)
                    let collected = try await collect(engine.submit(request))
                    #expect(collected.names == ["started", "embedding", "finished"])
                    #expect(collected.embedding == Self.mean(Array(states[positions])))
                }
                for other in others { _ = try await collect(other) }
            }
            while !engine.activity.isParked { await Task.yield() }
            #expect(engine.activity.kvCache.usedNumBlocks == 0)
            await engine.shutdown()
        }
    }

    @Test(.timeLimit(.minutes(1))) func onlyWhatNeedsNoStatesOfThePrefixTakesItFromTheCache() async throws {
        let engine = try EngineLoop(model: ScriptedModel(), configuration: Self.configuration())
        for (positions, cached) in [(0..<70, 0), (69..<70, 69), (30..<40, 30), (0..<70, 0), (0..<1, 0)] {
            let request = EngineRequest(promptTokens: Self.tokens(70), pooledPositions: positions)
            #expect(try await collect(engine.submit(request)).startedWith == cached)
        }
        await engine.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func encodersShareNoPrefixes() async throws {
        let engine = try EngineLoop(model: ScriptedModel(isCausal: false), configuration: Self.configuration())
        for _ in 0..<2 {
            let request = EngineRequest(promptTokens: Self.tokens(70), pooledPositions: 69..<70)
            #expect(try await collect(engine.submit(request)).startedWith == 0)
        }
        await engine.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func anIterationOfAnEncoderHasNoMoreTextsThanItsTokensAllow() async throws {
        let rows = Mutex<[Int]>([])
        let gate = Gate()
        let model = ScriptedModel(isCausal: false) { batch in
            gate.pass()
            rows.withLock { $0.append(batch.tokens.count) }
        }
        let engine = try EngineLoop(model: model, configuration: Self.configuration { $0.prefillTokens = 100 })
        let lengths = [200, 30, 30, 30, 150, 40, 40]
        let streams = try lengths.map { length in
            try engine.submit(EngineRequest(promptTokens: Self.tokens(length), pooledPositions: 0..<length))
        }
        gate.open()
        for stream in streams { _ = try await collect(stream) }
        await engine.shutdown()
        let batches = rows.withLock { $0 }
        #expect(batches.reduce(0, +) == lengths.reduce(0, +))
        // A text is never cut; beyond the tokens there is one only if it is alone.
        #expect(batches.allSatisfy { $0 <= 100 || $0 == 200 || $0 == 150 })
    }

    @Test(.timeLimit(.minutes(1))) func aCancelledRequestHasNoEmbedding() async throws {
        let gate = Gate()
        let model = ScriptedModel(isCausal: false) { _ in
            gate.pass()
        }
        let engine = try EngineLoop(model: model, configuration: Self.configuration())
        let first = try engine.submit(EngineRequest(promptTokens: Self.tokens(9), pooledPositions: 0..<9))
        while engine.activity.isParked { await Task.yield() }
        let second = try engine.submit(EngineRequest(promptTokens: Self.tokens(8), pooledPositions: 0..<8))
        engine.cancel(second.id)
        gate.open()
        let collected = try await collect(second)
        #expect(collected.names == ["finished"] && collected.outputs[0]?.reason == .cancelled)
        #expect(try await collect(first).embedding != nil)
        await engine.shutdown()
    }

    @Test func whatCannotBeIsRefused() async throws {
        let (decoder, encoder) = (
            try EngineLoop(model: ScriptedModel(), configuration: Self.configuration()),
            try EngineLoop(
                model: ScriptedModel(isCausal: false),
                configuration: Self.configuration { $0.maxNumTokens = 50 }
            )
        )
        let request = EngineRequest(promptTokens: Self.tokens(9), pooledPositions: 0..<9)
        let changes: [(String, (inout EngineRequest) -> Void)] = [
            ("the pooled positions is 3..<3", { $0.pooledPositions = 3..<3 }),
            ("the pooled positions is 3..<10", { $0.pooledPositions = 3..<10 }),
            ("the pooled positions is -1..<2", { $0.pooledPositions = -1..<2 }),
            ("max_tokens is 1", { $0.maxTokens = 1 }),
            ("n is 2", { $0.choiceCount = 2 }),
            ("the report of logits is true", { $0.promptLogProbabilities = 1 }),
            ("the report of logits is true", { $0.returnContextLogits = true }),
        ]
        for (message, change) in changes {
            var changed = request
            change(&changed)
            #expect { try decoder.submit(changed) } throws: { "\($0)".hasPrefix(message) }
        }
        #expect(throws: EngineError.cannotGenerate) {
            try encoder.submit(EngineRequest(promptTokens: [1], maxTokens: 5))
        }
        #expect(throws: EngineError.promptExceedsIteration(promptTokens: 51, limit: 50)) {
            try encoder.submit(EngineRequest(promptTokens: Self.tokens(51), pooledPositions: 0..<51))
        }
        await decoder.shutdown()
        await encoder.shutdown()
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["bert", "qwen3"])
    func realModelsGiveTheBitsThatTheyGiveByThemselves(name: String) async throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let path = folder.appending(path: "Fixtures/reference/\(name)").path
        func model() throws -> DecoderModel {
            try DecoderModel.load(checkpoint: Checkpoint.open(path: path), pool: ThreadPool(threadCount: 2))
        }
        let alone = try model()
        try alone.allocateKVCache(blockCount: 2, tokensPerBlock: 32)
        try alone.reserve(tokens: 64, logitRows: 1)
        let engine = try EngineLoop(
            model: model(),
            configuration: EngineConfiguration(maxSequenceLength: 64, blockCount: 40)
        )
        let texts = [40, 3, 1, 33].map { Self.tokens($0) }
        let streams = try texts.map { text in
            try engine.submit(EngineRequest(promptTokens: text, pooledPositions: 0..<text.count))
        }
        for (text, stream) in zip(texts, streams) {
            let rows = 0..<text.count
            let slice = ModelBatch.Slice(rows: rows, position: 0, blocks: [1, 0], hiddenRows: rows)
            alone.forward(ModelBatch(tokens: text, slices: [slice]))
            var states = PooledStates(width: alone.limits.hiddenSize)
            states.add(rows, of: alone)
            #expect(try await collect(stream).embedding == states.mean)
        }
        await engine.shutdown()
    }
}
