import Checkpoints
import Foundation
import Models
import Testing

/// For a given layout, what a sequence gets never depends on what it is computed with, how it was cut or how many threads each
/// rank has; and it is what one process gets, bit for bit.
@Suite struct RankInvarianceTests {
    private static let layouts: [[Int]] = [[2, 1], [1, 2], [2, 2]]

    private func ranked(_ name: String, _ sizes: [Int], threads: Int = 1) throws -> RankedModel {
        let parts = name.split(separator: "+")
        let settings = RankedModel.Settings(
            path: TinyModel.folder.appending(path: "\(parts[0]).gguf").path,
            cacheType: parts.count > 1 ? .int8 : .bfloat16,
            threads: threads
        )
        return try RankedModel(settings, RankLayout(tensorParallel: sizes[0], pipelineParallel: sizes[1]))
    }

    @Test(arguments: TinyModel.all, layouts)
    func chunkedIsTheSameAsWhole(family: String, sizes: [Int]) throws {
        let tokens = try TinyModel.expectation(family).tokens
        let ranked = try ranked(family, sizes)
        let feeder = try Feeder(ranked.model)
        let whole = feeder.feed(tokens[...], position: 0, blocks: Array(0..<10))
        for size in [7, 100, 299] {
            let blocks = (0..<10).map { Int32(63 - $0 * 3) }
            var rows: [[UInt32]] = []
            while rows.count < tokens.count {
                let end = min(tokens.count, rows.count + size)
                rows += feeder.feed(tokens[rows.count..<end], position: rows.count, blocks: blocks)
            }
            #expect(rows == whole, "chunks of \(size)")
        }
    }

    @Test(arguments: TinyModel.all, layouts)
    func insideARaggedBatchIsTheSameAsAlone(family: String, sizes: [Int]) throws {
        let tokens = try TinyModel.expectation(family).tokens
        let ranked = try ranked(family, sizes)
        let feeder = try Feeder(ranked.model, blocks: 100)
        // Eight sequences: lengths in the cache, and rows of this batch.
        let work = (0..<8).map { ($0 * 17 % 100, [1, 1, 33, 1, 5, 64, 1, 2][$0]) }
        var alone: [[UInt32]] = []
        var batch = ModelBatch()
        for (index, (cached, count)) in work.enumerated() {
            let own = tokens[index..<index + cached + count]
            alone += feeder.feed(own, position: 0, blocks: (0..<8).map { Int32(90 - $0) })[cached...]
            let blocks = (0..<8).map { Int32(index * 8 + $0) }
            if cached > 0 { _ = feeder.feed(tokens[index..<index + cached], position: 0, blocks: blocks) }
            let rows = feeder.model.rows(blocks)
            batch.add(tokens[index + cached..<index + cached + count], position: cached, blocks: rows)
        }
        #expect(feeder.rows(of: batch) == alone)
    }

    @Test(arguments: TinyModel.all, layouts)
    func numberOfWorkersDoesNotMatter(family: String, sizes: [Int]) throws {
        let tokens = try TinyModel.expectation(family).tokens
        let (first, second) = (try ranked(family, sizes), try ranked(family, sizes, threads: 2))
        let (one, two) = (try Feeder(first.model), try Feeder(second.model))
        for (start, end) in [(0, 100), (100, 101), (101, 102)] {
            let part = tokens[start..<end]
            let expected = one.feed(part, position: start, blocks: [0, 1, 2, 3])
            #expect(two.feed(part, position: start, blocks: [0, 1, 2, 3]) == expected)
        }
    }

    @Test(arguments: TinyModel.all, layouts.filter { $0[1] > 1 })
    func batchesInFlightGetWhatTheyGetOneAfterTheOther(family: String, sizes: [Int]) throws {
        let tokens = try TinyModel.expectation(family).tokens
        let ranked = try ranked(family, sizes)
        let feeder = try Feeder(ranked.model)
        try #require(feeder.model.batchesAtOnce == sizes[1])
        let batches = [0, 40].enumerated().map { index, start in
            Feeder.batch(
                tokens[start..<start + [33, 1][index]],
                position: 0,
                blocks: feeder.model.rows([Int32(index * 4), Int32(index * 4 + 1)])
            )
        }
        let expected = batches.map { feeder.rows(of: $0) }
        for batch in batches { feeder.model.begin(batch) }
        for (batch, rows) in zip(batches, expected) {
            feeder.model.finish()
            #expect(feeder.lastRows(batch) == rows)
        }
    }

    @Test(arguments: TinyModel.all, layouts)
    func logitsAreThoseOfOneProcess(family: String, sizes: [Int]) throws {
        let tokens = try TinyModel.expectation(family).tokens
        let ranked = try ranked(family, sizes)
        let found = try Feeder(ranked.model).feed(tokens[...], position: 0, blocks: Array(0..<10))
        let expected = try TinyModel(family).feed(tokens[...], position: 0, blocks: Array(0..<10))
        #expect(found == expected)
    }

    /// Stages of as many layers as are asked for, not as many as cost the same.
    @Test(arguments: TinyModel.all.filter { !$0.contains("+") })
    func stagesThatAreAskedForChangeNoBit(family: String) throws {
        let tokens = try TinyModel.expectation(family).tokens
        let settings = RankedModel.Settings(path: TinyModel.folder.appending(path: "\(family).gguf").path)
        let count = try Checkpoint.open(path: settings.path).configuration.blockCount
        let layout = try RankLayout(pipelineParallel: 2, stageLayers: [count - 1, 1])
        let ranked = try RankedModel(settings, layout)
        let found = try Feeder(ranked.model).feed(tokens[..<40], position: 0, blocks: [0, 1])
        #expect(found == (try TinyModel(family).feed(tokens[..<40], position: 0, blocks: [0, 1])))
        let error = #expect(throws: ModelError.self) {
            try RankedModel(settings, RankLayout(pipelineParallel: 2, stageLayers: [count, 1]))
        }
        #expect(
            error.map { "\($0)" } == "pp_partition is [\(count), 1], but the model has \(count) layers"
        )
    }
}
