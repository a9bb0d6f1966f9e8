import Checkpoints
import Engine
import Foundation
import Models
import RequestParameters
import Tensors
import Testing

/// The engine with a real model whose layers have windows, several windows long: whatever was freed, shared, cut, copied or
/// computed again, every bit is that of the whole sequence computed at once in a cache of its own.
@Suite struct WindowedModelTests {
    private static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/tiny-models/gemma3.gguf").path
    private static let window = 40

    private static func model(_ type: KVCacheType = .bfloat16, threads: Int = 2) throws -> DecoderModel {
        try DecoderModel.load(
            checkpoint: Checkpoint.open(path: path),
            pool: ThreadPool(threadCount: threads),
            cacheType: type
        )
    }

    private static func engine(
        _ type: KVCacheType = .bfloat16,
        blocks: Int,
        policy: CapacityPolicy = .guaranteedNoEvict,
    ) throws -> EngineLoop {
        var configuration = EngineConfiguration(maxSequenceLength: 320, blockCount: blocks, capacityPolicy: policy)
        (configuration.prefillTokens, configuration.prefillTokensBesideDecoding) = (48, 24)
        return try EngineLoop(model: model(type), configuration: configuration)
    }

    private static func request(_ first: Int32, length: Int, maxTokens: Int = 60, choices: Int = 1) -> EngineRequest {
        // All begin alike.
        let prompt = (0..<Int32(length)).map { position -> Int32 in
            let own: Int32 = position < 130 ? 3 : first
            return (position * 7 + own) % 190
        }
        var request = EngineRequest(promptTokens: prompt, maxTokens: maxTokens)
        request.choiceCount = choices
        request.sampling.seed = UInt64(first)
        request.logProbabilities = 2
        return request
    }

    /// Expects tokens' scores to be those of the whole sequence, computed at once.
    private static func expectWhole(_ collected: Collected, _ request: EngineRequest, _ model: DecoderModel) {
        #expect(collected.outputs.count == request.choiceCount)
        for output in collected.outputs.values {
            #expect(output.tokens.count == request.maxTokens)
            let tokens = request.promptTokens + output.tokens.dropLast()
            let rows = Array(request.promptTokens.count - 1..<tokens.count)
            let slice = ModelBatch.Slice(
                rows: 0..<tokens.count,
                position: 0,
                blocks: (0..<Int32(10 * model.limits.kvGroups.count)).map { $0 },
                logitRows: rows
            )
            model.forward(ModelBatch(tokens: tokens, slices: [slice]))
            let logits = model.logits(0..<rows.count)
            let width = model.limits.vocabularySize
            let scores = output.tokens.enumerated().map { row, token in
                LogProbabilities.report(
                    UnsafeBufferPointer(rebasing: logits[row * width..<(row + 1) * width]),
                    chosen: token,
                    alternatives: 2
                )
            }
            #expect(output.logProbabilities == scores)
        }
    }

    private static func whole(_ type: KVCacheType = .bfloat16) throws -> DecoderModel {
        let model = try model(type, threads: 1)
        try model.allocateKVCache(blockCount: 10 * model.limits.kvGroups.count, tokensPerBlock: 32)
        try model.reserve(tokens: 320, logitRows: 320)
        return model
    }

    @Test(.timeLimit(.minutes(1)), arguments: [KVCacheType.bfloat16, .int8])
    func manySequencesInChunksWithSharedPromptsAreComputedAsIfEachWereAlone(type: KVCacheType) async throws {
        let engine = try Self.engine(type, blocks: 200)
        #expect(engine.limits.kvGroups.map(\.window) == [0] + [Int](repeating: Self.window, count: 5))
        let requests = (0..<10).map { index in
            Self.request(Int32(index), length: 140 + index * 11, choices: 1 + index % 3)
        }
        let whole = try Self.whole(type)
        // Twice, so that prompts come from the cache.
        for _ in 0..<2 {
            let streams = try requests.map { try engine.submit($0) }
            for (stream, request) in zip(streams, requests) {
                Self.expectWhole(try await collect(stream), request, whole)
            }
        }
        while !engine.activity.isParked { await Task.yield() }
        let cache = engine.activity.kvCache
        #expect(cache.reusedBlocks > 0 && cache.usedNumBlocks == 0)
        await engine.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func pausedSequencesGoOnWithTheSameBits() async throws {
        let engine = try Self.engine(blocks: 60, policy: .maxUtilization)
        let requests = (0..<6).map { Self.request(Int32($0), length: 10 + $0 * 5, maxTokens: 150) }
        let streams = try requests.map { try engine.submit($0) }
        let whole = try Self.whole()
        for (stream, request) in zip(streams, requests) {
            Self.expectWhole(try await collect(stream), request, whole)
        }
        while !engine.activity.isParked { await Task.yield() }
        #expect(engine.drainStatistics().contains { $0.inflightBatching.numPausedRequests > 0 })
        #expect(engine.activity.kvCache.usedNumBlocks == 0)
        await engine.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func aRepeatedPromptOfManyWindowsIsReadFromTheCache() async throws {
        let engine = try Self.engine(blocks: 60)
        let request = Self.request(1, length: 250, maxTokens: 8)
        let first = try await collect(engine.submit(request))
        let second = try await collect(engine.submit(request))
        #expect(first.startedWith == 0 && second.startedWith == 249)
        #expect(first.outputs == second.outputs)
        await engine.shutdown()
    }

    /// Nine blocks in each of six groups are 54 for a sequence that keeps everything, 432 for eight.
    @Test(.timeLimit(.minutes(1))) func longSequencesThatTheirWindowsLeaveRoomForRunTogether() async throws {
        let engine = try Self.engine(blocks: 200)
        let requests = (0..<8).map { Self.request(Int32($0), length: 230, maxTokens: 40) }
        let streams = try requests.map { try engine.submit($0) }
        for stream in streams { _ = try await collect(stream) }
        let most = engine.drainStatistics().map(\.inflightBatching.numScheduledRequests).max()
        #expect(most == 8)
        await engine.shutdown()
    }
}
