internal import Synchronization
internal import Tensors

/// The decoder skeleton that all families share: embedding, layers of attention and feed-forward, output matrix; all of it, or
/// what one of several ranks has of it.
///
/// One call at a time; passes run on all threads of the pool it was loaded with. Of ranks, all make the same calls in the same
/// order.
public final class DecoderModel: LanguageModel, @unchecked Sendable {  // used by one thread at a time, by contract
    /// Sizes of the whole model.
    public let limits: ModelLimits
    /// What the rank has of the model.
    package let partition: Partition
    /// The ranks; `nil` for a model that is on one.
    let ranks: RankGroup?
    /// The different ways to cut the attention of its layers.
    private let cuts: [AttentionCut]
    let weights: DecoderWeights
    private let rotaries: [RotaryEmbedding]
    let pool: ThreadPool
    private let cacheType: KVCacheType
    private(set) var storage: KVStorage?
    private var workspace: Workspace?
    private var partials: AlignedMemory?
    /// The operations on what is allocated now.
    private var program: DecoderProgram?
    /// When the stages of passes end; `nil` as long as nobody wanted to know.
    private var stages: StageLog?
    private var notesStages = false
    /// Largest rank of adapters that memory is reserved for; 0: there are none.
    private var adapterRank = 0
    /// The passes that have begun and not ended, oldest first.
    private var begun: [ModelStep] = []
    /// The last pass that ended, which has yet to make logits.
    private var last: ModelStep?

    init(
        partition: Partition,
        ranks: RankGroup?,
        weights: DecoderWeights,
        pool: ThreadPool,
        cacheType: KVCacheType,
        longestSequence: Int,
    ) {
        let whole = partition.whole
        self.partition = partition
        self.ranks = ranks
        cuts = partition.shape.attentionCuts
        self.weights = weights
        self.pool = pool
        self.cacheType = cacheType
        rotaries = whole.rotaries.map { rotary in
            RotaryEmbedding(
                rotary: rotary,
                dimension: whole.rotaryDimension,
                factors: weights.rotaryFactors,
                longestSequence: longestSequence
            )
        }
        limits = ModelLimits(
            vocabularySize: whole.vocabularySize,
            contextLength: whole.contextLength,
            kvBytesPerToken: KVStorage.bytesPerToken(whole, cacheType),
            kvGroups: whole.kvGroups(cacheType, longestSequence: longestSequence),
            hiddenSize: whole.hiddenSize,
            isCausal: whole.isCausal,
            positionCount: whole.positionCount > 0 ? whole.positionCount : nil
        )
    }

    /// Bytes that one token takes in this rank's part of the KV cache, while all layers keep it; those of `limits` for a model on
    /// one rank.
    public var kvBytesPerTokenHere: Int {
        let groups = partition.kvGroups(limits.kvGroups)
        return KVStorage.bytesPerToken(partition.shape, groups, cacheType) * groups.count
    }

    /// Allocates the paged KV cache; its pages are made in the background.
    ///
    /// - Throws: `ModelError` when the memory can't be had, or `tokensPerBlock` isn't a multiple of 32.
    public func allocateKVCache(blockCount: Int, tokensPerBlock: Int) throws {
        (storage, partials, program, last) = (nil, nil, nil, nil)
        // Only layers without a window are split, and they keep every token.
        let keeping = max(1, limits.kvGroups.count { $0.window == 0 })
        let poolTokens = MemorySize.product(blockCount, tokensPerBlock) / keeping
        let floats = cuts.map { cut in
            AttentionPlan.partialCapacity(cut: cut, workers: pool.threadCount, poolTokens: poolTokens)
        }
        let allocated = try KVStorage(
            shape: partition.shape,
            groups: partition.kvGroups(limits.kvGroups),
            type: cacheType,
            blockCount: blockCount,
            tokensPerBlock: tokensPerBlock,
            pool: pool
        )
        partials = try AlignedMemory.reserve(
            bytes: MemorySize.product(floats.max() ?? 0, MemoryLayout<Float>.size),
            purpose: "partial results of attention"
        )
        storage = allocated
    }

    /// Reserves working memory for batches of up to `tokens` rows, and for up to `logitRows` rows of logits at once.
    ///
    /// - Throws: `ModelError` when the memory can't be had; what was reserved before stays.
    public func reserve(tokens: Int, logitRows: Int) throws {
        // The old memory goes only when the new is there. No page of the new one exists before it is written.
        workspace = try Workspace(
            partition,
            tokens: max(1, tokens),
            logitRows: max(1, logitRows),
            workers: pool.threadCount,
            adapterRank: adapterRank
        )
        (program, last) = (nil, nil)
    }

    /// Lets batches that are reserved for from now on have adapters of up to a rank.
    public func allowAdapters(rank: Int) { adapterRank = rank }

    /// Runs one batch.
    ///
    /// Preconditions, the engine's promises: the cache is allocated, the batch fits what was reserved, slices cover its
    /// rows, blocks and token ids exist.
    public func forward(_ batch: ModelBatch) {
        begin(batch)
        finish()
    }

    /// Begins with a batch: this rank's part of it is computed then, but what `logits` and `addHiddenStates` take may still be
    /// on its way through other stages.
    ///
    /// Preconditions: those of `forward`, and no sequence is in two batches that have begun and not ended.
    public func begin(_ batch: ModelBatch) {
        guard let storage, let workspace, let partials else {
            preconditionFailure("forward before allocateKVCache and reserve")
        }
        precondition(batch.tokens.count <= workspace.tokenCapacity, "a batch of \(batch.tokens.count) tokens")
        check(batch, storage)
        let program = program ?? program(storage, workspace)
        self.program = program
        let plan = BatchPlan(
            batch,
            cuts: cuts,
            isCausal: partition.whole.isCausal,
            layerCount: partition.shape.layers.count,
            groupCount: limits.kvGroups.count,
            workers: pool.threadCount,
            partialCapacity: partials.bytes.count / MemoryLayout<Float>.size
        )
        let pass = ForwardPass(
            program,
            partition: partition,
            plan: plan,
            partials: partials.start(of: Float.self),
            stages: notesStages ? stages?.pen : nil
        )
        let held = heldRows(plan)
        begun.append(
            ModelStep(pass: pass, plan: plan, program: program, logitCapacity: workspace.logitCapacity, held: held)
        )
        guard !batch.tokens.isEmpty else { return }
        let embedding = Embedding(
            source: residualSource,
            weights: weights,
            rotaries: rotaries,
            scale: partition.whole.embeddingScale,
            norm: program.embeddingNorm,
            plan: plan
        )
        // What is computed later needs no adapters: whoever wants to know may see that nobody uses them any more.
        withExtendedLifetime(batch) {
            pool.run { worker in
                let own = WorkerState(pass, worker)
                pass.stages?.note(.begin, by: worker)
                embedding.run(pass, own)
                pass.stages?.note(.embedding, by: worker)
                pass.run(own)
                if let ranks { pass.passOn(own, plan, ranks, holding: held) }
            }
        }
    }

    /// Ends the oldest batch that has begun: `logits` and `addHiddenStates` are then about it.
    ///
    /// Precondition: there is one.
    public func finish() {
        precondition(!begun.isEmpty, "the end of a batch that didn't begin")
        let step = begun.removeFirst()
        last = step
        guard let ranks, !step.plan.outputRows.isEmpty else { return }
        if let held = step.held, partition.isLastStage { step.pass.send(held, of: step.plan, ranks) }
        pool.run { worker in step.pass.takeBack(WorkerState(step.pass, worker), step.plan, ranks) }
    }

    /// Whether the last stage waits with the outputs of the newest batch that has begun until they are asked for.
    var holdsNewest: Bool { begun.last?.held != nil }

    /// Whether it does so of the oldest.
    var holdsOldest: Bool { begun.first?.held != nil }

    /// Where a batch's outputs wait, if they are too many to be on their way or stand behind such.
    private func heldRows(_ plan: BatchPlan) -> HeldRows? {
        let (count, width) = (plan.outputRows.count, limits.hiddenSize)
        let isLarge = HeldRows.areNeeded(
            bytes: MemorySize.product(count, width, MemoryLayout<Float>.size),
            stages: partition.layout.pipelineParallel
        )
        guard isLarge || begun.contains(where: { $0.held != nil }) else { return nil }
        return HeldRows(count: partition.isLastStage ? count : 0, width: width)
    }

    /// Begins or ends to note when stages of passes end; those that have begun keep to what was so then.
    public func noteStages(_ areNoted: Bool) {
        // Passes that have yet to end may still write to the log.
        if areNoted, stages == nil { stages = StageLog() }
        notesStages = areNoted
    }

    /// Stages that have ended since the last call, oldest first.
    public func takeStages() -> [StageTime] { stages?.take() ?? [] }

    /// A program on memory that was reserved.
    func program(
        _ storage: KVStorage,
        _ workspace: Workspace,
        calibration: Calibration? = nil,
    ) -> DecoderProgram {
        DecoderProgram(
            weights,
            partition: partition,
            ranks: partition.layout.tensorParallel > 1 ? ranks : nil,
            cuts: cuts,
            storage: storage,
            workspace: workspace,
            calibration: calibration
        )
    }

    /// Lets the next passes measure what matrices are multiplied with.
    ///
    /// Precondition: the cache is allocated and memory reserved.
    func measure(with calibration: Calibration) {
        guard let storage, let workspace else { preconditionFailure("calibration before allocateKVCache and reserve") }
        program = program(storage, workspace, calibration: calibration)
    }

    /// Where the residual comes from at first.
    private var residualSource: Embedding.Source {
        guard let table = weights.embedding else {
            guard let ranks else { preconditionFailure("a model without an embedding") }
            return .received(ranks)
        }
        return ranks?.sum.map { .shard(table, partition.vocabulary, $0) } ?? .table(table)
    }

    /// Rows of logits of the last batch; of several ranks the first has them.
    ///
    /// Preconditions: the batch asked for them, they fit what was reserved, and nothing was reserved since.
    public func logits(_ rows: Range<Int>) -> UnsafeBufferPointer<Float> {
        guard let last else { preconditionFailure("logits before forward") }
        let pass = last.pass
        precondition(rows.lowerBound >= 0 && rows.upperBound <= pass.logitRows.count, "logits of rows \(rows)")
        precondition(rows.count <= last.logitCapacity, "\(rows.count) rows of logits")
        if !rows.isEmpty, partition.isFirstStage {
            pool.run { worker in
                pass.stages?.note(.begin, by: worker)
                pass.unembed(WorkerState(pass, worker), rows)
                pass.stages?.note(.logits, by: worker)
            }
            if let ranks { pass.gatherLogits(rows.count, partition, ranks) }
        }
        return UnsafeBufferPointer(start: pass.memory.logits, count: rows.count * partition.logitStride)
    }

    /// Adds hidden states of the last batch to their sums, `[hiddenSize]`; every rank of the first stage has them.
    ///
    /// Preconditions: the batch asked for them, and nothing was reserved since.
    public func addHiddenStates(_ rows: Range<Int>, to sums: inout [Float]) {
        guard let last else { preconditionFailure("hidden states before forward") }
        let pass = last.pass
        precondition(rows.lowerBound >= 0 && rows.upperBound <= pass.hiddenRows.count, "hidden states of rows \(rows)")
        precondition(sums.count == limits.hiddenSize, "\(sums.count) sums of hidden states")
        guard !rows.isEmpty else { return }
        sums.withUnsafeMutableBufferPointer { sums in
            let base = sums.baseAddress.unsafelyUnwrapped
            pool.run { worker in pass.addHiddenStates(WorkerState(pass, worker), rows, to: base) }
        }
    }

    /// Why results are worth nothing any more: a rank is lost.
    public var failure: String? { ranks?.error.map { "\($0)" } }

    /// The threads of the pool.
    public var workerCount: Int { pool.threadCount }

    /// Deals out calls to the threads of the pool, which take the next one whenever they are done with one.
    public func distribute(_ count: Int, _ body: (_ index: Int, _ worker: Int) -> Void) {
        guard count > 1 else {
            if count == 1 { body(0, 0) }
            return
        }
        ranks?.clock.count(.errand, 1)
        defer { ranks?.clock.count(.errand, -1) }
        let next = Atomic(0)
        pool.run { worker in
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                body(index, worker.index)
            }
        }
    }

    /// Copies the keys and values of one block to another.
    public func copyBlock(from source: Int32, to destination: Int32) {
        storage?.copyBlock(from: Int(source), to: Int(destination))
    }

    /// Numbers and bytes of the rank's weights.
    public var footprint: ModelFootprint { ModelFootprint(weights) }
}

/// A pass, and what it points to besides the model's memory.
struct ModelStep {
    let pass: ForwardPass
    let plan: BatchPlan
    let program: DecoderProgram
    /// Up to so many rows of logits fit at once.
    let logitCapacity: Int
    /// Where its outputs wait in the last stage; every rank knows whether they do.
    let held: HeldRows?
}
