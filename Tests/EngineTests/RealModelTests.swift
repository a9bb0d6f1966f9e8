import Checkpoints
import Engine
import Foundation
import Models
import RequestParameters
import Synchronization
import Tensors
import Testing

/// The engine with a real model: what the scripted one can't show.
@Suite struct RealModelTests {
    private static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/tiny-models/llama.gguf").path

    private static func model(threads: Int = 2) throws -> DecoderModel {
        try DecoderModel.load(checkpoint: Checkpoint.open(path: path), pool: ThreadPool(threadCount: threads))
    }

    private static func engine(_ model: any LanguageModel, blocks: Int = 64) throws -> EngineLoop {
        var configuration = EngineConfiguration(maxSequenceLength: 256, blockCount: blocks)
        configuration.prefillTokens = 32
        return try EngineLoop(model: model, configuration: configuration)
    }

    private static func request(_ first: Int32, maxTokens: Int = 8) -> EngineRequest {
        var request = EngineRequest(promptTokens: (0..<20).map { (first + $0 * 7) % 190 }, maxTokens: maxTokens)
        request.sampling.seed = UInt64(first)
        return request
    }

    @Test(.timeLimit(.minutes(1))) func afterMemoryThatCannotBeHadTheNextRequestRunsAsEver() async throws {
        let short = ShortOfMemory(try Self.model())
        let engine = try Self.engine(short, blocks: 400)
        let undisturbed = try await collect(engine.submit(Self.request(1)))
        short.isShort.store(true, ordering: .relaxed)
        // They all decode at once, which is more rows than were reserved at the start.
        let streams = try (0..<60).map { try engine.submit(Self.request(Int32($0), maxTokens: 100)) }
        var failures: [EngineError] = []
        for stream in streams {
            do {
                _ = try await collect(stream)
            } catch let error as EngineError {
                failures.append(error)
            }
        }
        #expect(!failures.isEmpty)
        for failure in failures { #expect("\(failure)".contains("bytes of memory for batches of")) }
        // Small enough for what was reserved before.
        let after = try await collect(engine.submit(Self.request(1)))
        #expect(after.outputs == undisturbed.outputs)
        short.isShort.store(false, ordering: .relaxed)
        for first in 0..<60 { _ = try await collect(engine.submit(Self.request(Int32(first)))) }
        #expect(try await collect(engine.submit(Self.request(1))).outputs == undisturbed.outputs)
        await engine.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func memoryThatCannotBeCountedIsAnErrorAndTakesNothingAway() throws {
        let model = try Self.model()
        try model.allocateKVCache(blockCount: 4, tokensPerBlock: 32)
        try model.reserve(tokens: 8, logitRows: 2)
        for (tokens, rows) in [(Int.max, 1), (1, Int.max), (Int.max / 64, Int.max / 64), (1 << 46, 1)] {
            #expect(throws: ModelError.self) { try model.reserve(tokens: tokens, logitRows: rows) }
        }
        let slice = ModelBatch.Slice(rows: 0..<2, position: 0, blocks: [0], logitRows: [0, 1])
        model.forward(ModelBatch(tokens: [1, 2], slices: [slice]))
        #expect(model.logits(0..<2).count == 2 * model.limits.vocabularySize)
        for (blocks, tokens) in [(Int.max, 32), (1, Int.max / 32 * 32), (1 << 40, 1 << 40)] {
            #expect(throws: ModelError.self) { try model.allocateKVCache(blockCount: blocks, tokensPerBlock: tokens) }
        }
    }

    /// Scores, sampled tokens with their scores and logits of prompts of several requests at once: more rows than are made at
    /// once, read by several workers.
    @Test(.timeLimit(.minutes(1)), arguments: [2, 3, 5])
    func theNumberOfWorkersThatReadLogitsDoesNotMatter(threads: Int) async throws {
        func outputs(_ engine: EngineLoop) async throws -> [Collected] {
            let streams = try (0..<24).map { index in
                var request = Self.request(Int32(index), maxTokens: 12)
                request.promptTokens = (0..<40 + index).map { Int32(($0 * 11 + index) % 190) }
                request.choiceCount = 1 + index % 3
                request.promptLogProbabilities = index % 2 == 0 ? 3 : nil
                request.logProbabilities = index % 5
                request.returnContextLogits = index % 7 == 0
                (request.sampling.topK, request.sampling.topP) = (index % 4 * 10, [1, 0.9][index % 2])
                request.sampling.frequencyPenalty = [0, 0.5][index / 2 % 2]
                return try engine.submit(request)
            }
            var collected: [Collected] = []
            for stream in streams { collected.append(try await collect(stream)) }
            await engine.shutdown()
            return collected
        }
        let alone = try await outputs(Self.engine(Self.model(threads: 1)))
        let together = try await outputs(Self.engine(Self.model(threads: threads)))
        for (one, many) in zip(alone, together) {
            #expect(one.outputs == many.outputs)
            #expect(one.promptLogProbabilities == many.promptLogProbabilities)
            #expect(one.contextLogits == many.contextLogits)
        }
    }
}

/// A real model whose memory runs short: what it reserves is then more than there is.
private final class ShortOfMemory: LanguageModel {
    let isShort = Atomic(false)
    private let model: DecoderModel

    init(_ model: DecoderModel) { self.model = model }

    var limits: ModelLimits { model.limits }
    var workerCount: Int { model.workerCount }
    func allocateKVCache(blockCount: Int, tokensPerBlock: Int) throws {
        try model.allocateKVCache(blockCount: blockCount, tokensPerBlock: tokensPerBlock)
    }
    func reserve(tokens: Int, logitRows: Int) throws {
        // The real model asks the real kernel, which has no such amount.
        try model.reserve(tokens: isShort.load(ordering: .relaxed) ? tokens << 40 : tokens, logitRows: logitRows)
    }
    func forward(_ batch: ModelBatch) { model.forward(batch) }
    func logits(_ rows: Range<Int>) -> UnsafeBufferPointer<Float> { model.logits(rows) }
    func addHiddenStates(_ rows: Range<Int>, to sums: inout [Float]) { model.addHiddenStates(rows, to: &sums) }
    func copyBlock(from source: Int32, to destination: Int32) { model.copyBlock(from: source, to: destination) }
    func distribute(_ count: Int, _ body: (_ index: Int, _ worker: Int) -> Void) { model.distribute(count, body) }
}
