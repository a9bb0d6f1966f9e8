import Checkpoints
import Foundation
import Models
import Parallel
import Synchronization
import Tensors

/// A model that ranks of this process compute together, each on a thread of its own, as rank 0 sees it.
final class RankedModel: Sendable {
    /// What the ranks are loaded with.
    struct Settings: Sendable {
        var path: String
        /// What isn't said by the checkpoint.
        var shape: DecoderShape?
        var cacheType = KVCacheType.bfloat16
        var threads = 1
        var longestSequence: Int?
        var quantization = WeightQuantization(.unquantized)
        /// What adapters have to be like; `nil` for none.
        var adapters: AdapterRules?
    }

    let distributed: DistributedModel
    /// Each rank's part.
    let shards: [DecoderModel]
    /// The adapters of the ranks behind the first.
    let adapters: [RankAdapters]
    /// What ends all of them.
    let interruption: Interruption
    /// Why ranks have ended, those that have and not because they were stopped.
    private let failures = Failures()
    private let ended = DispatchGroup()

    /// The whole model.
    var model: any LanguageModel { distributed }

    /// Loads all ranks' parts.
    ///
    /// - Throws: what the first rank throws.
    init(_ settings: Settings, _ layout: RankLayout) throws {
        let worlds = try InProcessRanks.communicators(layout.size)
        let loads = worlds.map { _ in Loading() }
        let failures = failures
        for (world, load) in zip(worlds, loads) {
            ended.enter()
            let thread = Thread { [ended] in
                defer { ended.leave() }
                do {
                    let shard = try Result { try Self.load(settings, layout, world) }.get()
                    load.end(.success(shard))
                    guard world.rank > 0 else { return }
                    if let adapters = shard.adapters {
                        ended.enter()
                        Thread.detachNewThread {
                            try? adapters.run()
                            ended.leave()
                        }
                    }
                    try RankWorker(shard.model, shard.group, shard.adapters).run()
                } catch {
                    if !load.end(.failure(error)) { failures.all.withLock { $0.append("\(world.rank): \(error)") } }
                }
            }
            thread.stackSize = 4 << 20
            thread.start()
        }
        let results = loads.map { $0.wait() }
        interruption = worlds[0].interruption
        for case .failure(let error) in results {
            // Those that have loaded wait for rank 0, which won't come.
            interruption.end(with: .failed("\(error)"))
        }
        let shards = try results.map { try $0.get() }
        self.shards = shards.map(\.model)
        adapters = shards.compactMap(\.adapters)
        distributed = DistributedModel(shards[0].model, shards[0].group)
    }

    deinit { stop() }

    /// Ends the ranks' threads; returns why any of them had ended before.
    @discardableResult
    func stop() -> [String] {
        distributed.stop()
        ended.wait()
        return failures.all.withLock { $0 }
    }

    private struct Shard: Sendable {
        var model: DecoderModel
        var group: RankGroup
        /// Behind rank 0.
        var adapters: RankAdapters?

        init(_ model: DecoderModel, _ group: RankGroup, _ rules: AdapterRules?) {
            self.model = model
            self.group = group
            if let rules { model.allowAdapters(rank: rules.rankLimit) }
            adapters = group.rank == 0 ? nil : rules.flatMap { RankAdapters(model, group, $0) }
        }
    }

    private static func load(
        _ settings: Settings,
        _ layout: RankLayout,
        _ world: any Communicator,
    ) throws -> Shard {
        let group = try RankGroup(layout, world: world, hasAdapters: settings.adapters != nil)
        let checkpoint = try Checkpoint.open(path: settings.path)
        let pool = try ThreadPool(threadCount: settings.threads)
        guard let shape = settings.shape else {
            let model = try DecoderModel.load(
                checkpoint: checkpoint,
                pool: pool,
                cacheType: settings.cacheType,
                quantization: settings.quantization,
                ranks: group,
                longestSequence: settings.longestSequence
            )
            return Shard(model, group, settings.adapters)
        }
        let model = try DecoderModel.load(
            checkpoint: checkpoint,
            shape: shape,
            pool: pool,
            cacheType: settings.cacheType,
            quantization: settings.quantization,
            ranks: group,
            longestSequence: settings.longestSequence
        )
        return Shard(model, group, settings.adapters)
    }

    private final class Failures: Sendable {
        let all = Mutex<[String]>([])
    }

    /// What becomes of one rank's load.
    private final class Loading: Sendable {
        private let result = Mutex<Result<Shard, any Error>?>(nil)
        private let isThere = DispatchSemaphore(value: 0)

        /// Whether nobody had said before how it ended.
        @discardableResult
        func end(_ result: Result<Shard, any Error>) -> Bool {
            let isFirst = self.result.withLock { known in
                guard known == nil else { return false }
                known = result
                return true
            }
            if isFirst { isThere.signal() }
            return isFirst
        }

        func wait() -> Result<Shard, any Error> {
            isThere.wait()
            return result.withLock { $0 } ?? .failure(CancellationError())
        }
    }
}

/// Feeds sequences to any model and reads all of their logits as bits.
struct Feeder {
    /// Rows of logits that are computed at once.
    private static let logitRows = 64

    let model: any LanguageModel

    /// Allocates blocks of 32 tokens and memory for any batch of these tests.
    init(_ model: any LanguageModel, blocks: Int = 64) throws {
        self.model = model
        try model.allocateRows(blocks, tokensPerBlock: 32)
        try model.reserve(tokens: 1024, logitRows: Self.logitRows)
    }

    /// Feeds part of a sequence and returns all rows of logits.
    func feed(
        _ tokens: ArraySlice<Int32>,
        position: Int,
        blocks: [Int32],
        adapter: Adapter? = nil,
    ) -> [[UInt32]] {
        var batch = Self.batch(tokens, position: position, blocks: model.rows(blocks))
        batch.slices[0].adapter = adapter
        return rows(of: batch)
    }

    /// A batch of one part of a sequence, all of whose logits are wanted.
    static func batch(_ tokens: ArraySlice<Int32>, position: Int, blocks: [Int32]) -> ModelBatch {
        var batch = ModelBatch()
        batch.add(tokens, position: position, blocks: blocks)
        return batch
    }

    /// All rows of a batch's logits.
    func rows(of batch: ModelBatch) -> [[UInt32]] {
        model.forward(batch)
        return lastRows(batch)
    }

    /// All rows of logits of the last batch that has ended.
    func lastRows(_ batch: ModelBatch) -> [[UInt32]] { model.logitBits(of: batch, atOnce: Self.logitRows) }
}
