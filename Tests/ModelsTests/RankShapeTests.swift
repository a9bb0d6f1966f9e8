import Checkpoints
import Foundation
import Models
import Tensors
import Testing

/// Everything that a layer can be made of, dealt to ranks: bit for bit what one process computes, however a sequence is cut.
@Suite struct RankShapeTests {
    private static let tokens = (0..<70).map { Int32($0 * 37 % 96) }
    private static let layouts: [[Int]] = [[2, 1, 2], [2, 2, 1], [3, 1, 1], [4, 1, 2]]

    /// Tensor, pipeline and expert parallel.
    private static func layout(_ sizes: [Int]) throws -> RankLayout {
        try RankLayout(tensorParallel: sizes[0], pipelineParallel: sizes[1], expertParallel: sizes[2])
    }

    /// Whether each of some ranks gets something of everything; columns are dealt only in groups of 32.
    private static func canBeDealt(_ shape: DecoderShape, _ sizes: [Int]) -> Bool {
        let (ranks, expertRanks) = (sizes[0], sizes[0] / sizes[2])
        guard ranks > 1 else { return true }
        return shape.layers.allSatisfy { layer in
            let attention = layer.attention
            let sharing = (ranks + attention.kvHeadCount - 1) / attention.kvHeadCount
            let hasHeads =
                attention.latent == nil
                ? attention.headCount / attention.kvHeadCount >= sharing : attention.headCount >= ranks
            let mixture = layer.feedForward.experts
            let hasExperts = mixture.map { $0.count >= sizes[2] && $0.width >= 32 * expertRanks } ?? true
            let width = layer.feedForward.width
            return hasHeads && hasExperts
                && (width >= 32 * ranks || mixture != nil && width == 0)
        }
    }

    /// All rows of logits of a sequence that is fed in some pieces, one of them a single row.
    private func logits(_ model: any LanguageModel) throws -> [[UInt32]] {
        let feeder = try Feeder(model, blocks: 8)
        return [0..<33, 33..<34, 34..<70].flatMap { part in
            feeder.feed(Self.tokens[part], position: part.lowerBound, blocks: [5, 2, 7])
        }
    }

    @Test(arguments: LayerShapeTests.cases, layouts)
    func bitsAreThoseOfOneProcess(c: LayerShapeTests.Case, sizes: [Int]) throws {
        let folder = URL.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var made = ShapedModel(c.shape, biases: c.biases)
        made.isQuantized = true
        let settings = RankedModel.Settings(
            path: try made.write(to: folder),
            shape: c.shape,
            longestSequence: c.longestSequence
        )
        guard Self.canBeDealt(c.shape, sizes) else {
            let error = #expect(throws: ModelError.self) { try RankedModel(settings, Self.layout(sizes)) }
            #expect(error.map { "\($0)" }?.contains("but layer ") == true)
            return
        }
        let whole = try DecoderModel.load(
            checkpoint: Checkpoint.open(path: settings.path),
            shape: c.shape,
            pool: ThreadPool(threadCount: 1),
            cacheType: settings.cacheType,
            longestSequence: c.longestSequence
        )
        let ranked = try RankedModel(settings, Self.layout(sizes))
        #expect(try logits(ranked.model) == logits(whole))
        #expect(ranked.stop() == [])
    }
}
