public import Checkpoints
public import Tensors

extension DecoderModel {
    /// Loads a model: finds its family, takes and packs every tensor.
    ///
    /// - Parameters:
    ///   - checkpoint: The opened checkpoint; nothing of it is read after the load.
    ///   - pool: The threads that pack now and compute later.
    ///   - cacheType: How the KV cache stores keys and values.
    ///   - quantization: What becomes of weights that are stored as floats.
    ///   - calibration: Windows of tokens that activations are measured on, for algorithms that need it: the model is then
    ///     loaded without quantization first.
    ///   - ranks: The ranks that the model is dealt to, all of which make this call; `nil` for a model that is on one.
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
        ranks: RankGroup? = nil,
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
            ranks: ranks,
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
        ranks: RankGroup? = nil,
        longestSequence: Int? = nil,
        progress: ((Double) -> Void)? = nil,
    ) throws(ModelError) -> DecoderModel {
        let partition =
            try ranks.map { ranks throws(ModelError) in
                try Partition(dealing: shape, layout: ranks.layout, rank: ranks.rank)
            } ?? Partition(all: shape)
        var importance: [String: ColumnImportance] = [:]
        if quantization.algorithm.needsCalibration {
            let exact = try load(
                checkpoint: checkpoint,
                shape: shape,
                pool: pool,
                cacheType: .bfloat16,
                ranks: ranks
            )
            importance = try exact.importance(calibration, algorithm: quantization.algorithm)
        }
        let weights = try DecoderWeights(
            checkpoint,
            partition: partition,
            quantization: quantization,
            importance: importance,
            pool: pool,
            progress: progress
        )
        return DecoderModel(
            partition: partition,
            ranks: ranks,
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
        let shape = partition.whole
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
        let measuring = Calibration(weights)
        measure(with: measuring)
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
}
