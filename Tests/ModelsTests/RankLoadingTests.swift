import Checkpoints
import Foundation
import Models
import Parallel
import Tensors
import Testing

/// What ranks load, and what becomes of them.
@Suite struct RankLoadingTests {
    private static let tokens: [Int32] = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4]

    private func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = URL.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    private func build(_ path: String, _ directory: String) throws {
        let checkpoint = try Checkpoint.open(path: path)
        let model = try DecoderModel.load(checkpoint: checkpoint, pool: ThreadPool(threadCount: 2))
        #expect(try model.engineWriter(checkpoint, facts: EngineFacts(writer: "test")).write(to: directory))
    }

    @Test(arguments: [(DataType.q4_k, DataType.q6_k), (.bf16, .bf16)], [[2, 1], [1, 2], [2, 2]])
    func anEngineIsCutIntoTheSameParts(types: (matrices: DataType, others: DataType), sizes: [Int]) throws {
        try withFolder { folder in
            let made = MadeModel(matrices: types.matrices, halfOfThem: types.others, seed: 3)
            let path = try made.write([], to: folder)
            try build(path, folder.appending(path: "engine").path)
            let layout = try RankLayout(tensorParallel: sizes[0], pipelineParallel: sizes[1])
            let direct = try RankedModel(.init(path: path), layout)
            let cut = try RankedModel(.init(path: folder.appending(path: "engine").path), layout)
            let expected = try Feeder(direct.model).feed(Self.tokens[...], position: 0, blocks: [0])
            #expect(try Feeder(cut.model).feed(Self.tokens[...], position: 0, blocks: [0]) == expected)
            #expect(cut.shards.map(\.footprint) == direct.shards.map(\.footprint))
        }
    }

    @Test(arguments: [2, 3])
    func layersAndVocabularyAreSharedWithoutRest(ranks: Int) throws {
        var layer = LayerShape(
            attention: AttentionShape(headCount: 6, kvHeadCount: 3, headDimension: 32, rotary: 0, scale: 0.2),
            feedForward: .gated(width: 192, .silu)
        )
        layer.attention.needsBiases = false
        var shape = DecoderShape(
            hiddenSize: 64,
            vocabularySize: 96,
            contextLength: 512,
            layers: [layer, layer, layer],
            normEpsilon: 1e-5
        )
        shape.rotaries = [.init(base: 10_000, scaling: .none, usesFrequencyFactors: false)]
        shape.rotaryDimension = 32
        try withFolder { folder in
            let path = try ShapedModel(shape).write(to: folder)
            let whole = try DecoderModel.load(
                checkpoint: Checkpoint.open(path: path),
                shape: shape,
                pool: ThreadPool(threadCount: 1),
                cacheType: .bfloat16
            ).footprint
            for layout in [try RankLayout(tensorParallel: ranks), try RankLayout(pipelineParallel: ranks)] {
                let ranked = try RankedModel(.init(path: path, shape: shape), layout)
                let parts = ranked.shards.map(\.footprint)
                #expect(parts.reduce(0) { $0 + $1.layerWeights } == whole.layerWeights)
                #expect(parts.reduce(0) { $0 + $1.headWeights } == whole.headWeights)
                #expect(ranked.shards.flatMap { Array($0.partition.vocabulary) } == Array(0..<96))
                let cached = ranked.shards.map(\.kvBytesPerTokenHere)
                #expect(cached.reduce(0, +) == ranked.model.limits.kvBytesPerToken)
            }
        }
    }

    @Test func oneRankOfSeveralBuildsNoEngine() throws {
        let path = TinyModel.folder.appending(path: "llama.gguf").path
        let ranked = try RankedModel(.init(path: path), RankLayout(tensorParallel: 2))
        let error = #expect(throws: ModelError.self) {
            try ranked.shards[0].engineWriter(Checkpoint.open(path: path), facts: EngineFacts(writer: "test"))
        }
        #expect(error.map { "\($0)" }?.contains("this rank has only a part") == true)
    }

    @Test func aLayoutForAnotherNumberOfRanksIsRefused() throws {
        let error = #expect(throws: ModelError.self) {
            try RankGroup(RankLayout(tensorParallel: 2, pipelineParallel: 2), world: SingleProcess())
        }
        #expect(error.map { "\($0)" } == "tp_size (2) times pp_size (2) is 4, but there are 1 ranks")
    }

    @Test(arguments: [[2, 1], [1, 2], [2, 2]])
    func whatARankCannotHaveIsAnErrorThatNamesTheRank(sizes: [Int]) throws {
        let path = TinyModel.folder.appending(path: "llama.gguf").path
        let layout = try RankLayout(tensorParallel: sizes[0], pipelineParallel: sizes[1])
        let ranked = try RankedModel(.init(path: path), layout)
        let error = #expect(throws: ModelError.self) {
            try ranked.model.allocateKVCache(blockCount: .max / 64, tokensPerBlock: 32)
        }
        #expect(error.map { "\($0)" }?.hasPrefix("rank 1: ") == true)
        let feeder = try Feeder(ranked.model)
        #expect(feeder.feed(Self.tokens[...], position: 0, blocks: [0]).count == Self.tokens.count)
        #expect(ranked.stop() == [])
    }

    @Test(arguments: [[2, 1], [1, 2], [2, 2]])
    func behindALostRankCallsReturnAndSayWhy(sizes: [Int]) throws {
        let path = TinyModel.folder.appending(path: "llama.gguf").path
        let layout = try RankLayout(tensorParallel: sizes[0], pipelineParallel: sizes[1])
        let ranked = try RankedModel(.init(path: path), layout)
        let feeder = try Feeder(ranked.model)
        #expect(ranked.model.failure == nil)
        ranked.interruption.end(with: .lost(rank: 1, reason: "killed"))
        #expect(feeder.feed(Self.tokens[...], position: 0, blocks: [0]).count == Self.tokens.count)
        #expect(ranked.model.failure == "rank 1 is lost: killed")
        #expect(ranked.stop().count == layout.size - 1)
        #expect(throws: CommunicatorError.self) { try ranked.model.reserve(tokens: 1, logitRows: 1) }
    }
}
