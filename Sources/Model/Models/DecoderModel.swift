internal import CPUKernels
public import Checkpoints
internal import Synchronization
public import Tensors

/// The decoder skeleton that all families share: embedding, layers of attention and feed-forward, output matrix.
///
/// One forward pass at a time; it runs on all threads of the pool it was loaded with.
public final class DecoderModel: LanguageModel, @unchecked Sendable {  // used by one thread at a time, by contract
    /// Sizes of the model.
    public let limits: ModelLimits

    package let shape: DecoderShape
    /// The different ways to cut the attention of its layers.
    private let cuts: [AttentionCut]
    private let weights: DecoderWeights
    private let rotaries: [RotaryEmbedding]
    private let pool: ThreadPool
    private let cacheType: KVCacheType
    private var storage: KVStorage?
    private var workspace: Workspace?
    private var partials: AlignedMemory?
    /// The operations on what is allocated now.
    private var program: DecoderProgram?
    /// The last batch's pass, which has yet to make logits, and what it points to besides the model's memory.
    private var last: (pass: ForwardPass, plan: BatchPlan, program: DecoderProgram)?

    private init(
        shape: DecoderShape,
        weights: DecoderWeights,
        pool: ThreadPool,
        cacheType: KVCacheType,
        longestSequence: Int,
    ) {
        self.shape = shape
        cuts = shape.attentionCuts
        self.weights = weights
        self.pool = pool
        self.cacheType = cacheType
        rotaries = shape.rotaries.map { rotary in
            RotaryEmbedding(
                rotary: rotary,
                dimension: shape.rotaryDimension,
                factors: weights.rotaryFactors,
                longestSequence: longestSequence
            )
        }
        limits = ModelLimits(
            vocabularySize: shape.vocabularySize,
            contextLength: shape.contextLength,
            kvBytesPerToken: KVStorage.bytesPerToken(shape, cacheType),
            kvGroups: shape.kvGroups(cacheType, longestSequence: longestSequence),
            hiddenSize: shape.hiddenSize,
            isCausal: shape.isCausal,
            positionCount: shape.positionCount > 0 ? shape.positionCount : nil
        )
    }

    /// Loads a model: finds its family, takes and packs every tensor.
    ///
    /// - Parameters:
    ///   - checkpoint: The opened checkpoint; nothing of it is read after the load.
    ///   - pool: The threads that pack now and compute later.
    ///   - cacheType: How the KV cache stores keys and values.
    ///   - quantization: What becomes of weights that are stored as floats.
    ///   - calibration: Windows of tokens that activations are measured on, for algorithms that need it: the model is then
    ///     loaded without quantization first.
    ///   - longestSequence: Tokens of the longest sequence that will be computed, on which some rotary embeddings depend;
    ///     the context of training if `nil`.
    ///   - progress: Called with the share of work done, 0 to 1, from the calling thread.
    /// - Throws: `ModelError` naming the tensor or field.
    public static func load(
        checkpoint: Checkpoint,
        pool: ThreadPool,
        cacheType: KVCacheType = .automatic,
        quantization: WeightQuantization = WeightQuantization(.unquantized),
        calibration: [[Int32]] = [],
        longestSequence: Int? = nil,
        progress: ((Double) -> Void)? = nil,
    ) throws(ModelError) -> DecoderModel {
        try load(
            checkpoint: checkpoint,
            shape: ModelRegistry.family(of: checkpoint.configuration.architecture).shape(checkpoint),
            pool: pool,
            cacheType: cacheType,
            quantization: quantization,
            calibration: calibration,
            longestSequence: longestSequence,
            progress: progress
        )
    }

    /// Loads a model of a given shape.
    package static func load(
        checkpoint: Checkpoint,
        shape: DecoderShape,
        pool: ThreadPool,
        cacheType: KVCacheType,
        quantization: WeightQuantization = WeightQuantization(.unquantized),
        calibration: [[Int32]] = [],
        longestSequence: Int? = nil,
        progress: ((Double) -> Void)? = nil,
    ) throws(ModelError) -> DecoderModel {
        var importance: [String: ColumnImportance] = [:]
        if quantization.algorithm.needsCalibration {
            let exact = try load(checkpoint: checkpoint, shape: shape, pool: pool, cacheType: .bfloat16)
            importance = try exact.importance(calibration, algorithm: quantization.algorithm)
        }
        let weights = try DecoderWeights(
            checkpoint,
            shape: shape,
            quantization: quantization,
            importance: importance,
            pool: pool,
            progress: progress
        )
        return DecoderModel(
            shape: shape,
            weights: weights,
            pool: pool,
            cacheType: cacheType,
            longestSequence: longestSequence ?? shape.contextLength
        )
    }

    /// What the matrices' columns are worth, measured while the model reads windows of tokens.
    ///
    /// - Throws: `ModelError` when no window has two known tokens or more, or memory is short.
    private func importance(
        _ windows: [[Int32]],
        algorithm: WeightQuantization.Algorithm,
    ) throws(ModelError) -> [String: ColumnImportance] {
        let known = windows.map { $0.filter { $0 >= 0 && $0 < shape.vocabularySize }.prefix(shape.contextLength) }
        // A lone row is computed by every worker.
        let usable = known.filter { $0.count > 1 }
        guard let longest = usable.map(\.count).max() else {
            throw .nothingToQuantize(
                algorithm: algorithm.rawValue,
                reason: "there is no text to measure activations on"
            )
        }
        let blockCount = { [groupCount = limits.kvGroups.count] tokens in (tokens + 31) / 32 * groupCount }
        do {
            try allocateKVCache(blockCount: blockCount(longest), tokensPerBlock: 32)
            try reserve(tokens: longest, logitRows: 1)
        } catch {
            throw error as? ModelError
                ?? .badConfiguration(field: "calibration", value: "\(longest)", reason: "\(error)")
        }
        guard let storage, let workspace else { return [:] }
        let measuring = Calibration(weights)
        program = DecoderProgram(
            weights,
            shape: shape,
            cuts: cuts,
            storage: storage,
            workspace: workspace,
            calibration: measuring
        )
        for window in usable {
            let slice = ModelBatch.Slice(
                rows: 0..<window.count,
                position: 0,
                blocks: Array(0..<Int32(blockCount(window.count))),
                hiddenRows: 0..<window.count
            )
            forward(ModelBatch(tokens: Array(window), slices: [slice]))
        }
        return measuring.importance
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
            shape: shape,
            groups: limits.kvGroups,
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
            shape: shape,
            tokens: max(1, tokens),
            logitRows: max(1, logitRows),
            workers: pool.threadCount
        )
        program = nil
    }

    /// Runs one batch.
    ///
    /// Preconditions, the engine's promises: the cache is allocated, the batch fits what was reserved, slices cover its
    /// rows, blocks and token ids exist.
    public func forward(_ batch: ModelBatch) {
        guard let storage, let workspace, let partials else {
            preconditionFailure("forward before allocateKVCache and reserve")
        }
        precondition(batch.tokens.count <= workspace.tokenCapacity, "a batch of \(batch.tokens.count) tokens")
        check(batch, storage)
        let program =
            program ?? DecoderProgram(weights, shape: shape, cuts: cuts, storage: storage, workspace: workspace)
        self.program = program
        let plan = BatchPlan(
            batch,
            cuts: cuts,
            isCausal: shape.isCausal,
            layerCount: shape.layers.count,
            groupCount: limits.kvGroups.count,
            workers: pool.threadCount,
            partialCapacity: partials.bytes.count / MemoryLayout<Float>.size
        )
        let pass = ForwardPass(program, shape: shape, plan: plan, partials: partials.start(of: Float.self))
        last = (pass, plan, program)
        guard !batch.tokens.isEmpty else { return }
        let embedding = Embedding(
            weights: weights,
            rotaries: rotaries,
            scale: shape.embeddingScale,
            norm: program.embeddingNorm,
            plan: plan
        )
        pool.run { worker in
            let own = WorkerState(pass, worker)
            embedding.run(pass, own)
            pass.run(own)
        }
    }

    /// Rows of logits of the last batch.
    ///
    /// Preconditions: the batch asked for them, they fit what was reserved, and nothing was reserved since.
    public func logits(_ rows: Range<Int>) -> UnsafeBufferPointer<Float> {
        guard let last, let workspace, last.program === program else { preconditionFailure("logits before forward") }
        let pass = last.pass
        precondition(rows.lowerBound >= 0 && rows.upperBound <= pass.logitRows.count, "logits of rows \(rows)")
        precondition(rows.count <= workspace.logitCapacity, "\(rows.count) rows of logits")
        if !rows.isEmpty { pool.run { worker in pass.unembed(WorkerState(pass, worker), rows) } }
        return UnsafeBufferPointer(start: workspace.memory.logits, count: rows.count * shape.vocabularySize)
    }

    /// Adds hidden states of the last batch to their sums, `[hiddenSize]`.
    ///
    /// Preconditions: the batch asked for them, and nothing was reserved since.
    public func addHiddenStates(_ rows: Range<Int>, to sums: inout [Float]) {
        guard let last, last.program === program else { preconditionFailure("hidden states before forward") }
        let pass = last.pass
        precondition(rows.lowerBound >= 0 && rows.upperBound <= pass.hiddenRows.count, "hidden states of rows \(rows)")
        precondition(sums.count == shape.hiddenSize, "\(sums.count) sums of hidden states")
        guard !rows.isEmpty else { return }
        sums.withUnsafeMutableBufferPointer { sums in
            let base = sums.baseAddress.unsafelyUnwrapped
            pool.run { worker in pass.addHiddenStates(WorkerState(pass, worker), rows, to: base) }
        }
    }

    /// The threads of the pool.
    public var workerCount: Int { pool.threadCount }

    /// Deals out calls to the threads of the pool, which take the next one whenever they are done with one.
    public func distribute(_ count: Int, _ body: (_ index: Int, _ worker: Int) -> Void) {
        guard count > 1 else {
            if count == 1 { body(0, 0) }
            return
        }
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

    /// What writes the loaded weights as an engine.
    ///
    /// - Parameters:
    ///   - checkpoint: What the model was loaded from.
    ///   - facts: What the engine says of itself.
    /// - Throws: `ModelError.checkpoint` for a checkpoint that is an engine itself.
    public func engineWriter(_ checkpoint: Checkpoint, facts: EngineFacts) throws(ModelError) -> EngineWriter {
        do {
            return try EngineWriter(checkpoint, tensors: weights.record.tensors(), facts: facts)
        } catch {
            throw .checkpoint(error)
        }
    }

    /// The keys and values in a block, which may be written to any block of the same group, in this model or another that was
    /// loaded from the same checkpoint with the same cache type and has blocks of as many tokens.
    ///
    /// Precondition: the cache is allocated and has the block.
    package func readBlock(_ block: Int32) -> [UInt8] {
        cache(with: block).read(Int(block))
    }

    /// Overwrites a block with keys and values that `readBlock` returned.
    ///
    /// Precondition: the cache is allocated and has the block, and the content is as long as its blocks.
    package func writeBlock(_ block: Int32, _ content: [UInt8]) {
        cache(with: block).write(content, to: Int(block))
    }

    private func cache(with block: Int32) -> KVStorage {
        guard let storage else { preconditionFailure("blocks before allocateKVCache") }
        precondition(block >= 0 && block < storage.blockCount, "a block doesn't exist")
        return storage
    }

    /// Numbers and bytes of the model's weights.
    public var footprint: ModelFootprint { ModelFootprint(weights) }

    /// Stops at a batch that would read or write outside of the model's memory.
    private func check(_ batch: ModelBatch, _ storage: KVStorage) {
        var next = 0
        for slice in batch.slices {
            precondition(slice.rows.lowerBound == next, "slices must be consecutive")
            next = slice.rows.upperBound
            check(slice, storage)
            precondition(slice.logitRows.allSatisfy { $0 >= 0 && $0 < slice.rows.count }, "a logit row doesn't exist")
            let hidden = slice.hiddenRows
            precondition(
                hidden.isEmpty || hidden.lowerBound >= 0 && hidden.upperBound <= slice.rows.count,
                "a hidden state doesn't exist"
            )
            precondition(
                shape.isCausal || slice.position == 0 && slice.logitRows.isEmpty,
                "an encoder's slice is a whole sequence, and has no logits"
            )
        }
        precondition(next == batch.tokens.count, "slices must cover the batch")
        precondition(batch.tokens.allSatisfy { $0 >= 0 && $0 < shape.vocabularySize }, "a token doesn't exist")
    }

    /// Stops at a slice without the blocks that its rows look at.
    private func check(_ slice: ModelBatch.Slice, _ storage: KVStorage) {
        let groups = storage.groups
        let needed = (slice.position + slice.rows.count + storage.tokensPerBlock - 1) / storage.tokensPerBlock
        precondition(slice.position >= 0 && slice.blocks.count >= needed * groups.count, "a slice lacks blocks")
        precondition(slice.blocks.allSatisfy { $0 < storage.blockCount }, "a block doesn't exist")
        for (index, group) in groups.enumerated() {
            for row in group.firstSeen(from: slice.position) / storage.tokensPerBlock..<needed {
                precondition(slice.blocks[row * groups.count + index] >= 0, "a slice lacks a block")
            }
        }
    }
}
