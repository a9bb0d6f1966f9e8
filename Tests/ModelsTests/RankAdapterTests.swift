import Checkpoints
import Foundation
import Models
import Parallel
import Tensors
import Testing

/// Adapters of a model that ranks compute together: bit for bit what one process computes, and the same on all ranks or on none.
@Suite struct RankAdapterTests {
    private static let layouts: [[Int]] = [[2, 1], [1, 2], [2, 2]]
    private static let tokens = (0..<150).map { Int32($0 * 37 % 190) }

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static func path(_ family: String) -> String {
        TinyModel.folder.appendingPathComponent("\(family).gguf").path
    }

    private func ranked(_ family: String, _ sizes: [Int], threads: Int = 1) throws -> (RankedModel, AdapterRules) {
        let path = Self.path(family)
        let rules = AdapterRules(configuration: try Checkpoint.open(path: path).configuration, rankLimit: 16)
        let settings = RankedModel.Settings(path: path, threads: threads, adapters: rules)
        let layout = try RankLayout(tensorParallel: sizes[0], pipelineParallel: sizes[1])
        return (try RankedModel(settings, layout), rules)
    }

    /// Directories of two adapters.
    private func made(_ configuration: ModelConfiguration) throws -> [String] {
        try [3, 16].enumerated().map { index, rank in
            try MadeAdapter(configuration, rank: rank, seed: UInt64(index + 5)).write(to: folder.url, "made-\(rank)")
        }
    }

    @Test(arguments: ["llama", "qwen2", "gemma3"], layouts)
    func bitsAreThoseOfOneProcess(family: String, sizes: [Int]) throws {
        let (ranked, rules) = try ranked(family, sizes, threads: 2)
        let directories = try made(rules.configuration)
        let whole = try TinyModel(path: Self.path(family))
        whole.model.allowAdapters(rank: rules.rankLimit)
        try whole.model.reserve(tokens: 1024, logitRows: 64)
        let feeder = try Feeder(ranked.model)
        let alone = try [nil] + directories.map { try whole.model.loadAdapter(directory: $0, rules) }
        let dealt = try [nil] + directories.map { try ranked.distributed.loadAdapter(directory: $0, rules) }
        let blocks: [[Int32]] = (0..<3).map { index in (0..<5).map { Int32(index * 5 + $0) } }
        var expected: [[[UInt32]]] = []
        for index in 0..<3 {
            expected.append(whole.feed(Self.tokens[...], position: 0, blocks: blocks[index], adapter: alone[index]))
            // Whole, and then row by row behind a part.
            let found = feeder.feed(Self.tokens[...], position: 0, blocks: blocks[index], adapter: dealt[index])
            #expect(found == expected[index])
            let row = feeder.feed(Self.tokens[100..<101], position: 100, blocks: blocks[index], adapter: dealt[index])
            #expect(row == [expected[index][100]])
        }
        #expect(expected[0] != expected[1] && expected[1] != expected[2])
        // All three in one batch.
        var batch = ModelBatch()
        for (index, count) in [40, 1, 7].enumerated() {
            let rows = feeder.model.rows(blocks[index])
            batch.add(Self.tokens[100..<100 + count], position: 100, blocks: rows, adapter: dealt[index])
        }
        let together = feeder.rows(of: batch)
        #expect(together == zip(expected, [40, 1, 7]).flatMap { $0[100..<100 + $1] })
        #expect(ranked.stop() == [])
    }

    @Test func whatARankCantLoadIsOnNoRank() throws {
        let (ranked, rules) = try ranked("qwen2", [2, 2])
        let feeder = try Feeder(ranked.model)
        let good = try made(rules.configuration)[0]
        var broken = MadeAdapter(rules.configuration, rank: 4)
        // A feature that the last of the ranks of the second stage alone has.
        let last = try #require(broken.modules.lastIndex { $0.name.hasSuffix("down_proj") })
        broken.modules[last].up[broken.modules[last].up.count - 1] = .nan
        let path = try broken.write(to: folder.url, "broken")
        for (directory, words) in [(path, ["rank 3: ", "ffn_down"]), ("/nowhere", ["/nowhere"])] {
            let error = #expect(throws: ModelError.self) {
                try ranked.distributed.loadAdapter(directory: directory, rules)
            }
            for word in words { #expect(error.map { $0.description.contains(word) } == true, "\(error as Any)") }
        }
        let adapter = try ranked.distributed.loadAdapter(directory: good, rules)
        #expect(feeder.feed(Self.tokens[..<3], position: 0, blocks: [0], adapter: adapter).count == 3)
        #expect(ranked.adapters.map(\.count) == [1, 1, 1])
        #expect(ranked.stop() == [])
        #expect(throws: ModelError.lost("the ranks have stopped")) {
            try ranked.distributed.loadAdapter(directory: good, rules)
        }
    }

    @Test func whatNobodyUsesAnyMoreGoesFromAllRanks() throws {
        let (ranked, rules) = try ranked("qwen2", [1, 2])
        let feeder = try Feeder(ranked.model)
        let directories = try made(rules.configuration)
        for _ in 0..<20 {
            for directory in directories {
                let adapter = try ranked.distributed.loadAdapter(directory: directory, rules)
                // A prompt's beginning, of which nothing comes back from the second stage.
                var batch = Feeder.batch(Self.tokens[..<40], position: 0, blocks: feeder.model.rows([0, 1]))
                batch.slices[0].logitRows = []
                batch.slices[0].adapter = adapter
                feeder.model.forward(batch)
            }
            #expect(ranked.adapters.allSatisfy { $0.count <= 3 })
        }
        // Loaded and forgotten, without any batch.
        for _ in 0..<20 { _ = try ranked.distributed.loadAdapter(directory: directories[0], rules) }
        #expect(ranked.adapters.allSatisfy { $0.count <= 3 })
        #expect(ranked.stop() == [])
    }

    @Test func aRankThatIsLostEndsALoad() throws {
        let (ranked, rules) = try ranked("qwen2", [2, 1])
        ranked.interruption.end(with: .lost(rank: 1, reason: "it died"))
        #expect(throws: ModelError.lost("rank 1 is lost: it died")) {
            try ranked.distributed.loadAdapter(directory: made(rules.configuration)[0], rules)
        }
    }
}
