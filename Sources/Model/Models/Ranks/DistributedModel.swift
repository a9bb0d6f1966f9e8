/// A model that several ranks compute together, as rank 0 and its engine see it.
///
/// Every call goes to the other ranks as a value, and `RankWorker` makes it there too. Logits come to this rank, which alone
/// samples.
public final class DistributedModel: LanguageModel {
    private let shard: DecoderModel
    private let group: RankGroup
    /// A batch for each stage, so that none waits for another, unless fewer are asked for.
    public let batchesAtOnce: Int
    private let adapters: DistributedAdapters?

    /// The model of a group, of which this rank has a part.
    ///
    /// Precondition: this is rank 0, and the part was loaded with the group.
    ///
    /// - Parameter microBatches: Most batches at the same time; no more than there are stages are of use.
    public init(_ shard: DecoderModel, _ group: RankGroup, microBatches: Int? = nil) {
        precondition(group.rank == 0 && shard.ranks === group, "a distributed model on rank \(group.rank)")
        self.shard = shard
        self.group = group
        batchesAtOnce = max(1, min(microBatches ?? .max, group.layout.pipelineParallel))
        adapters = group.adapters.map { DistributedAdapters($0) }
    }

    private var others: Range<Int> { 1..<group.layout.size }
    /// Those that share this rank's layers.
    private var neighbours: Range<Int> { 1..<group.layout.tensorParallel }
    private var lastStage: Range<Int> { group.layout.size - group.layout.tensorParallel..<group.layout.size }

    /// Sizes of the whole model.
    public var limits: ModelLimits { shard.limits }

    /// Why what this model computes is worth nothing any more: a rank is lost.
    public var failure: String? { group.error.map { "\($0)" } }

    /// What this rank has spent exchanging data with the others.
    public var exchangeSeconds: Double? { group.exchangeSeconds }

    /// Allocates every rank's part of the KV cache.
    ///
    /// - Throws: `ModelError` when a rank can't have the memory, naming the rank; `CommunicatorError`.
    public func allocateKVCache(blockCount: Int, tokensPerBlock: Int) throws {
        try everywhere(.allocate(blockCount: blockCount, tokensPerBlock: tokensPerBlock)) {
            try shard.allocateKVCache(blockCount: blockCount, tokensPerBlock: tokensPerBlock)
        }
    }

    /// Reserves every rank's working memory.
    ///
    /// - Throws: `ModelError` when a rank can't have it, naming the rank; `CommunicatorError`.
    public func reserve(tokens: Int, logitRows: Int) throws {
        try everywhere(.reserve(tokens: tokens, logitRows: logitRows)) {
            try shard.reserve(tokens: tokens, logitRows: logitRows)
        }
    }

    /// Makes a call that can fail on every rank.
    private func everywhere(_ command: RankCommand, _ body: () throws -> Void) throws {
        group.command(command, others)
        let own = Result { try body() }
        try group.checkReplies()
        try own.get()
    }

    /// Runs one batch on all ranks.
    public func forward(_ batch: ModelBatch) {
        begin(batch)
        finish()
    }

    /// Begins with a batch on all ranks.
    public func begin(_ batch: ModelBatch) {
        adapters?.begin()
        group.command(.begin(batch, adapters: batch.adapterIDs), others)
        shard.begin(batch)
    }

    /// Ends the oldest batch that has begun.
    public func finish() {
        group.command(.finish, neighbours)
        if shard.holdsOldest { group.command(.finish, lastStage) }
        shard.finish()
    }

    /// Rows of logits of the last batch, whose parts the ranks of the first stage compute; without meaning behind a failure.
    public func logits(_ rows: Range<Int>) -> UnsafeBufferPointer<Float> {
        group.command(.logits(rows), neighbours)
        return shard.logits(rows)
    }

    /// Adds hidden states of the last batch to their sums, which this rank can do alone.
    public func addHiddenStates(_ rows: Range<Int>, to sums: inout [Float]) { shard.addHiddenStates(rows, to: &sums) }

    /// Begins or ends to note when this rank's stages end.
    public func noteStages(_ areNoted: Bool) { shard.noteStages(areNoted) }

    /// Those of this rank.
    public func takeStages() -> [StageTime] { shard.takeStages() }

    /// The threads of this rank.
    public var workerCount: Int { shard.workerCount }

    /// Deals out calls to the threads of this rank.
    public func distribute(_ count: Int, _ body: (_ index: Int, _ worker: Int) -> Void) {
        shard.distribute(count, body)
    }

    /// Copies one block to another on every rank.
    public func copyBlock(from source: Int32, to destination: Int32) {
        group.command(.copyBlock(from: source, to: destination), others)
        shard.copyBlock(from: source, to: destination)
    }

    /// Loads an adapter, each rank its part of it, from a directory that all of them have with the same files.
    ///
    /// It may be called from any thread, while passes run; of several calls, one waits for the other.
    ///
    /// - Throws: `ModelError` naming the file and the key or tensor, and the rank if it isn't this one.
    public func loadAdapter(
        directory: String,
        _ rules: AdapterRules,
        name: String = "",
    ) throws(ModelError) -> Adapter {
        guard let adapters else { preconditionFailure("an adapter of a group without adapters") }
        return try adapters.load(directory) { lease throws(ModelError) in
            try shard.loadPart(directory, rules, name: name, lease: lease)
        }
    }

    /// Ends the loops of the other ranks; no call may follow.
    public func stop() {
        adapters?.stop()
        group.command(.stop, others)
    }
}
