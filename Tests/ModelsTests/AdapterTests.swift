import Checkpoints
import Foundation
import Models
import Tensors
import Testing

/// What adapters add, against weights that they are merged into.
@Suite struct AdapterTests {
    /// Queries and keys of the made file are in llama.cpp's order, factors in that of Hugging Face.
    @Test(arguments: [4, 16, 40], [1, 3])
    func aModelWithAnAdapterIsTheModelOfMergedWeights(rank: Int, threads: Int) throws {
        let folder = try TemporaryFolder()
        var made = MadeModel(matrices: .f32, seed: 11)
        let base = try TinyModel(path: made.write([], to: folder.url), cacheType: .float32, threads: threads)
        let configuration = try Checkpoint.open(path: folder.url.appendingPathComponent("made.gguf").path).configuration
        let adapter = MadeAdapter(configuration, rank: rank)
        let loaded = try base.loadAdapter(adapter, configuration, folder.url, rank: rank)
        #expect(loaded.rank == rank)
        made.merge(adapter)
        let mergedFolder = try TemporaryFolder()
        let merged = try TinyModel(path: made.write([], to: mergedFolder.url), cacheType: .float32)
        let tokens = (0..<70).map { Int32($0 * 37 % MadeModel.vocabulary) }
        let plain = base.feed(tokens[...], position: 0, blocks: [0, 1, 2])
        let found = base.feed(tokens[...], position: 0, blocks: [3, 4, 5], adapter: loaded)
        let expected = merged.feed(tokens[...], position: 0, blocks: [0, 1, 2])
        var largest: Float = 0
        var change: Float = 0
        for row in tokens.indices {
            let numbers = zip(found[row], expected[row]).map { (Float(bitPattern: $0), Float(bitPattern: $1)) }
            largest = max(largest, numbers.map { abs($0 - $1) }.max() ?? .infinity)
            change = max(
                change,
                zip(found[row], plain[row]).map { abs(Float(bitPattern: $0) - Float(bitPattern: $1)) }.max() ?? 0
            )
            #expect(
                numbers.indices.max { numbers[$0].0 < numbers[$1].0 }
                    == numbers.indices.max { numbers[$0].1 < numbers[$1].1 }
            )
        }
        #expect(largest < 0.002, "logits differ by \(largest)")
        #expect(change > 0.5, "logits change by \(change)")
    }

    /// Rows of the base model are the same bits as in a model that can't have adapters, and rows of adapters the same as alone,
    /// cut in chunks, with any number of workers.
    @Test(arguments: TinyModel.all + ["wide"], [1, 2, 3])
    func rowsDontDependOnOthersOrOnTheirAdapters(family: String, threads: Int) throws {
        let folder = try TemporaryFolder()
        let path = try Self.path(of: family, folder.url)
        let plain = try TinyModel(path: path, threads: threads, blocks: 200)
        let tiny = try TinyModel(path: path, threads: threads, blocks: 200)
        let configuration = try Checkpoint.open(path: path).configuration
        var loaded: [Adapter?] = [nil]
        for (index, rank) in [3, 16].enumerated() {
            let made = MadeAdapter(configuration, rank: rank, seed: UInt64(index + 5))
            loaded.append(try tiny.loadAdapter(made, configuration, folder.url, rank: 16))
        }
        let vocabulary = tiny.model.limits.vocabularySize
        let tokens = (0..<300).map { Int32(($0 * $0 * 7 + $0 * 13) % vocabulary) }
        // Lengths in the cache, rows of this batch, and the adapter.
        let work = (0..<18).map {
            ($0 * 17 % 90, [1, 1, 33, 1, 5, 64, 1, 2][$0 % 8], loaded[[1, 0, 2, 2, 1, 0, 1][$0 % 7]])
        }
        var alone: [[UInt32]] = []
        for (index, (cached, count, adapter)) in work.enumerated() {
            let own = tokens[index..<index + cached + count]
            let whole = tiny.feed(own, position: 0, blocks: Array(190..<198), adapter: adapter)
            if adapter == nil { #expect(plain.feed(own, position: 0, blocks: Array(190..<198)) == whole) }
            let first = cached + max(1, count / 2)
            var cut = tiny.feed(own.prefix(first), position: 0, blocks: Array(180..<188), adapter: adapter)
            for position in first..<cached + count {
                cut += tiny.feed(
                    own[own.startIndex + position..<own.startIndex + position + 1],
                    position: position,
                    blocks: Array(180..<188),
                    adapter: adapter
                )
            }
            #expect(cut == whole)
            alone += whole[cached...]
        }
        var batch = ModelBatch()
        for (index, (cached, count, adapter)) in work.enumerated() {
            let blocks = (0..<8).map { Int32(index * 8 + $0) }
            if cached > 0 {
                _ = tiny.feed(tokens[index..<index + cached], position: 0, blocks: blocks, adapter: adapter)
            }
            let rows = tiny.model.rows(blocks)
            batch.add(tokens[index + cached..<index + cached + count], position: cached, blocks: rows, adapter: adapter)
        }
        #expect(tiny.rows(of: batch) == alone)
        // Only the last rows are wanted of each.
        for index in batch.slices.indices { batch.slices[index].logitRows = [batch.slices[index].rows.count - 1] }
        let ends = batch.slices.map { alone[$0.rows.upperBound - 1] }
        #expect(tiny.rows(of: batch) == ends)
    }

    private static func path(of family: String, _ folder: URL) throws -> String {
        let name = family.prefix { $0 != "+" }
        guard name == "wide" else { return TinyModel.folder.appendingPathComponent("\(name).gguf").path }
        // Rows of quantized weights that are multiplied once only.
        return try MadeModel(matrices: .q4_k, seed: 3).write([], to: folder)
    }
}

extension TinyModel {
    func loadAdapter(
        _ made: MadeAdapter,
        _ configuration: ModelConfiguration,
        _ folder: URL,
        rank: Int,
    ) throws -> Adapter {
        model.allowAdapters(rank: rank)
        try model.reserve(tokens: 1024, logitRows: 64)
        return try model.loadAdapter(
            directory: try made.write(to: folder),
            AdapterRules(configuration: configuration, rankLimit: rank)
        )
    }
}

/// A directory of a test, removed with it.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("adapters-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}
