import Checkpoints
import Foundation
import Models
import Tensors
import Testing

/// Encoders: every token sees all others of its sequence and none of another, wherever row chunks end.
@Suite struct EncoderTests {
    private static let shape = {
        var layer = LayerShape(
            attention: AttentionShape(headCount: 4, kvHeadCount: 4, headDimension: 16, rotary: nil, scale: 0.25),
            feedForward: .plain(width: 96, .gelu)
        )
        layer.norms = .after
        var shape = DecoderShape(
            hiddenSize: 64,
            vocabularySize: 96,
            contextLength: 1024,
            layers: [layer, layer, layer],
            normEpsilon: 1e-5
        )
        shape.norm = .layer
        shape.isCausal = false
        shape.hasEmbeddingNorm = true
        return shape
    }()

    /// A model of random numbers; without learned positions the order of tokens is nothing to it.
    private func model(
        hasPositions: Bool = true,
        isQuantized: Bool = false,
        _ type: KVCacheType = .bfloat16,
        threads: Int = 2,
    ) throws -> DecoderModel {
        var shape = Self.shape
        shape.positionCount = hasPositions ? 1024 : 0
        let folder = URL.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var made = ShapedModel(shape, biases: ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_up", "ffn_down"])
        made.isQuantized = isQuantized
        let model = try DecoderModel.load(
            checkpoint: Checkpoint.open(path: made.write(to: folder)),
            shape: shape,
            pool: ThreadPool(threadCount: threads),
            cacheType: type
        )
        try model.allocateKVCache(blockCount: 64, tokensPerBlock: 32)
        try model.reserve(tokens: 1600, logitRows: 1)
        return model
    }

    private func tokens(_ count: Int) -> [Int32] { (0..<count).map { Int32(($0 * $0 + 7 * $0 + count) % 96) } }

    /// Chunks of 512 rows end within the third and the fifth of these.
    private static let lengths = [33, 1, 700, 2, 513, 64]

    @Test(arguments: [false, true], [KVCacheType.bfloat16, .int8, .float32])
    func sequencesInABatchAreTheSameAsAlone(isQuantized: Bool, type: KVCacheType) throws {
        let model = try model(isQuantized: isQuantized, type)
        let sequences = Self.lengths.map(tokens)
        let alone = sequences.flatMap { TinyModel.hiddenStates(model, [$0]) }
        #expect(TinyModel.hiddenStates(model, sequences) == alone)
    }

    @Test(arguments: [1, 3, 5])
    func numberOfWorkersDoesNotMatter(threads: Int) throws {
        let sequences = Self.lengths.map(tokens)
        let expected = try TinyModel.hiddenStates(model(), sequences)
        #expect(try TinyModel.hiddenStates(model(threads: threads), sequences) == expected)
    }

    @Test(arguments: [40, 600])
    func withoutPositionsASequenceBackwardsGivesTheSameStatesBackwards(count: Int) throws {
        let model = try model(hasPositions: false, .float32)
        let forwards = TinyModel.hiddenStates(model, [tokens(count)])
        let backwards = TinyModel.hiddenStates(model, [tokens(count).reversed()])
        let differences = zip(forwards.joined(), backwards.reversed().joined()).map { abs($0 - $1) }
        // Only the order in which sums are taken differs.
        #expect(try #require(differences.max()) < 1e-4)
    }

    @Test func theLastTokenChangesTheFirstTokensState() throws {
        let model = try model()
        var changed = tokens(600)
        let before = TinyModel.hiddenStates(model, [changed])
        changed[599] = (changed[599] + 1) % 96
        #expect(TinyModel.hiddenStates(model, [changed])[0] != before[0])
    }

    @Test func onlyWantedStatesAreTheSame() throws {
        let model = try model()
        let sequence = tokens(600)
        let all = TinyModel.hiddenStates(model, [sequence])
        for wanted in [0..<1, 599..<600, 500..<530] {
            let slice = ModelBatch.Slice(rows: 0..<600, position: 0, blocks: Array(0..<19), hiddenRows: wanted)
            model.forward(ModelBatch(tokens: sequence, slices: [slice]))
            var states = PooledStates(width: 64)
            states.add(0..<wanted.count, of: model)
            var expected = [Float](repeating: 0, count: 64)
            for row in all[wanted] { expected = zip(expected, row).map { $0 + $1 } }
            #expect(states.mean == expected.map { $0 / Float(wanted.count) })
        }
    }

    @Test func anEncoderHasNoOutputMatrix() throws {
        let model = try model()
        #expect(!model.limits.isCausal && model.limits.hiddenSize == 64)
        #expect(model.footprint.headWeights == 0 && model.footprint.packedHeadBytes == 0)
    }
}

/// Embeddings made by decoders.
@Suite struct PooledStatesTests {
    @Test(arguments: TinyModel.all, [[7], [100, 1, 64], [299]])
    func chunksChangeNoBitOfAMean(family: String, sizes: [Int]) throws {
        let tokens = try TinyModel.expectation(family).tokens
        let tiny = try TinyModel(family, threads: 2)
        let all = tiny.hiddenStates([tokens])
        var expected = PooledStates(width: tiny.model.limits.hiddenSize)
        expected.add(0..<tokens.count, of: tiny.model)
        var states = PooledStates(width: tiny.model.limits.hiddenSize)
        var (position, index) = (0, 0)
        while position < tokens.count {
            let end = min(tokens.count, position + sizes[index % sizes.count])
            let slice = ModelBatch.Slice(
                rows: 0..<end - position,
                position: position,
                blocks: tiny.model.rows((0..<10).map { Int32(63 - $0 * 3) }),
                logitRows: [end - position - 1],
                hiddenRows: 0..<end - position
            )
            tiny.model.forward(ModelBatch(tokens: Array(tokens[position..<end]), slices: [slice]))
            states.add(0..<end - position, of: tiny.model)
            (position, index) = (end, index + 1)
        }
        #expect(states.mean == expected.mean && states.count == tokens.count)
        let sum = all.reduce(into: [Float](repeating: 0, count: all[0].count)) { sum, row in
            sum = zip(sum, row).map { $0 + $1 }
        }
        #expect(states.mean == sum.map { $0 / Float(tokens.count) })
    }

    /// Logits are the output matrix times the same hidden states, so both name the same rows.
    @Test func hiddenStatesAndLogitsOfOneBatchAreThoseOfTheirRows() throws {
        let tokens = try TinyModel.expectation("llama").tokens
        let tiny = try TinyModel("llama")
        let logits = tiny.feed(tokens[..<60], position: 0, blocks: [0, 1])
        let states = tiny.hiddenStates([Array(tokens[..<60])])
        let slice = ModelBatch.Slice(
            rows: 0..<60,
            position: 0,
            blocks: [0, 1],
            logitRows: [3, 20, 59],
            hiddenRows: 18..<22
        )
        #expect(
            tiny.rows(of: ModelBatch(tokens: Array(tokens[..<60]), slices: [slice])) == [3, 20, 59].map { logits[$0] }
        )
        for (row, position) in (18..<22).enumerated() {
            var state = PooledStates(width: tiny.model.limits.hiddenSize)
            state.add(row..<row + 1, of: tiny.model)
            #expect(state.mean == states[position])
        }
    }
}
