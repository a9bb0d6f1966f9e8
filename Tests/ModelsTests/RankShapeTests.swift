import Foundation
import Models
import Testing

/// Everything that a layer can be made of, dealt to ranks: against a plain decoder in single precision, and bit for bit
/// however a sequence is cut.
@Suite struct RankShapeTests {
    private static let tokens = (0..<70).map { Int32($0 * 37 % 96) }
    private static let layouts: [[Int]] = [[2, 1, 2], [1, 2, 1], [2, 2, 1], [3, 1, 1], [4, 2, 4]]

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

    private func withRanks(
        _ c: LayerShapeTests.Case,
        _ sizes: [Int],
        cache: KVCacheType,
        quantizes: Bool = false,
        _ body: (Feeder) throws -> Void,
    ) throws {
        let folder = URL.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var made = ShapedModel(c.shape, biases: c.biases)
        made.isQuantized = quantizes
        let settings = RankedModel.Settings(
            path: try made.write(to: folder),
            shape: c.shape,
            cacheType: cache,
            longestSequence: c.longestSequence
        )
        let ranked = try RankedModel(settings, Self.layout(sizes))
        try body(Feeder(ranked.model, blocks: 8))
        #expect(ranked.stop() == [])
    }

    @Test(arguments: LayerShapeTests.cases, layouts)
    func inSinglePrecisionLogitsAreThoseOfAPlainDecoder(c: LayerShapeTests.Case, sizes: [Int]) throws {
        guard Self.canBeDealt(c.shape, sizes) else {
            let error = #expect(throws: ModelError.self) { try withRanks(c, sizes, cache: .float32) { _ in } }
            let message = error.map { "\($0)" } ?? ""
            #expect(message.contains("but layer ") || message.contains(".weight' can be cut only at every 32th"))
            return
        }
        try withRanks(c, sizes, cache: .float32) { feeder in
            let found = feeder.feed(Self.tokens[...], position: 0, blocks: [5, 2, 7])
            let made = ShapedModel(c.shape, biases: c.biases)
            let expected = try PlainDecoder(made, shape: c.shape, rotations: c.rotations).logits(Self.tokens)
            let all = expected.joined()
            let range = (all.max() ?? 0) - (all.min() ?? 0)
            let worst = zip(found.joined(), all).reduce(0) { max($0, abs(Double(Float(bitPattern: $1.0)) - $1.1)) }
            #expect(worst <= 2e-5 * range)
        }
    }

    @Test(arguments: LayerShapeTests.cases, [[2, 1, 2], [1, 2, 1], [2, 2, 1]])
    func chunksChangeNoBit(c: LayerShapeTests.Case, sizes: [Int]) throws {
        guard Self.canBeDealt(c.shape, sizes) else { return }
        try withRanks(c, sizes, cache: .bfloat16, quantizes: true) { feeder in
            let whole = feeder.feed(Self.tokens[...], position: 0, blocks: [5, 2, 7])
            for chunk in [1, 33] {
                var rows: [[UInt32]] = []
                while rows.count < Self.tokens.count {
                    let end = min(Self.tokens.count, rows.count + chunk)
                    rows += feeder.feed(Self.tokens[rows.count..<end], position: rows.count, blocks: [0, 3, 6])
                }
                #expect(rows == whole, "chunks of \(chunk)")
            }
        }
    }
}
