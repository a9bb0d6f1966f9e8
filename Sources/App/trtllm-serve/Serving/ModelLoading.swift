internal import ChatTemplates
internal import Checkpoints
internal import CommandSupport
internal import Engine
internal import Generation
internal import Logging
internal import Models
internal import Server
internal import Tensors
internal import Tokenization

/// From a path to a running engine: checkpoint -> model -> KV cache -> engine -> pipeline.
struct ModelLoading {
    /// What serving needs, and the engine to stop at the end.
    struct Loaded {
        var servingModel: ServingModel
        var engine: EngineLoop
        /// What keeps an engine of the model for the next start, if one has to be made.
        var keeper: EngineKeeper?
    }

    /// What is read from files.
    private struct Parts {
        var checkpoint: Checkpoint
        var text: TextModel
        var model: DecoderModel
        var keeper: EngineKeeper?
    }

    /// Working memory that is set aside beside the KV cache, on top of logits.
    private static let reservedBytes = 256 << 20

    private(set) var configuration: ServeConfiguration
    /// A template instead of the model's.
    let chatTemplate: ChatTemplate?
    let logger: Logger

    /// Loads; takes seconds and computes on all threads.
    ///
    /// - Parameters:
    ///   - path: The model's file or directory.
    ///   - tokenizer: The path of another tokenizer and chat template than the model's.
    ///   - progress: Called with the share that is done, 0 to 1.
    /// - Throws: an error for people that names the file, tensor or setting.
    func load(path: String, tokenizer: String?, progress: @escaping (Double) -> Void) throws -> Loaded {
        try KernelLevel.checkForced()
        let text = try tokenizer.map { try TextModel(path: $0) }
        let parts = try parts(path: path, text, try threadPool(), progress)
        var fitted = self
        try fitted.configuration.fit(to: parts.checkpoint.engineFacts?.limits ?? EngineLimits())
        return try fitted.started(parts)
    }

    /// From the cached engine if there is one that can be used, else from the model itself.
    ///
    /// - Parameter text: Another text side than the model's.
    private func parts(
        path: String,
        _ text: TextModel?,
        _ pool: ThreadPool,
        _ progress: @escaping (Double) -> Void,
    ) throws -> Parts {
        let engines =
            // Activations that were measured with another tokenizer give another engine.
            configuration.cachesEngines && !(text != nil && configuration.quantization.algorithm.needsCalibration)
            ? CompiledEngines(path: path, quantization: configuration.quantization.description, logger: logger) : nil
        if let engines, let directory = engines.find() {
            do {
                let parts = try read(path: directory, text, pool, progress)
                try engines.checkStillThere(directory)
                return parts
            } catch {
                engines.discard(directory, because: error)
            }
        }
        var parts = try read(path: path, text, pool, progress)
        parts.keeper = engines?.keeper(of: parts.model, parts.checkpoint)
        return parts
    }

    private func read(
        path: String,
        _ text: TextModel?,
        _ pool: ThreadPool,
        _ progress: @escaping (Double) -> Void,
    ) throws -> Parts {
        let checkpoint = try Checkpoint.open(path: path)
        logger.info("opened \(checkpoint.path): \(checkpoint.contentDescription)")
        if let sampling = checkpoint.text.generation.sampling {
            logger.info("the model's makers recommend \(sampling); requests that say nothing get the API's defaults")
        }
        var limited = configuration
        try limited.fit(to: checkpoint.engineFacts?.limits ?? EngineLimits())
        // Making a tokenizer of a large vocabulary takes as long as reading a small model's weights.
        let own = text == nil ? Meanwhile { try TextModel(checkpoint.text) } : nil
        let quantization = try quantization(of: checkpoint)
        let needsText = quantization.algorithm.needsCalibration
        let measured = needsText ? try text ?? own?.value() : nil
        let model = try DecoderModel.load(
            checkpoint: checkpoint,
            pool: pool,
            cacheType: configuration.kvCache.type.cacheType,
            quantization: quantization,
            calibration: measured.map { CalibrationText.windows($0.tokenizer) } ?? [],
            longestSequence: limited.maxSequenceLength,
            progress: progress
        )
        guard let text = try measured ?? text ?? own?.value() else {
            throw StartupError.invalid("\(path) has no tokenizer")
        }
        return Parts(checkpoint: checkpoint, text: text, model: model)
    }

    /// What becomes of a checkpoint's weights; those of an engine stay as they are.
    ///
    /// - Throws: `StartupError.invalid` where an engine is asked to be another one.
    private func quantization(of checkpoint: Checkpoint) throws(StartupError) -> WeightQuantization {
        guard let facts = checkpoint.engineFacts else { return configuration.quantization }
        let asked = configuration.quantization
        guard asked.algorithm == .unquantized || facts.quantization == asked.description else {
            throw .invalid(
                "\(checkpoint.path) was built with the quantization \(facts.quantization), and \(asked) is asked for: build "
                    + "another engine, or serve the checkpoint"
            )
        }
        return WeightQuantization(.unquantized)
    }

    private func started(_ parts: Parts) throws -> Loaded {
        let (checkpoint, model) = (parts.checkpoint, parts.model)
        let length = maxSequenceLength(model.limits)
        let engine = try EngineLoop(
            model: model,
            configuration: try engineConfiguration(model.limits, maxSequenceLength: length),
        )
        let pipeline = try pipeline(engine: engine, text: parts.text, maxSequenceLength: length)
        let collects = configuration.collectsStatistics
        return Loaded(
            servingModel: ServingModel(
                backend: pipeline,
                drainStatistics: { collects ? engine.drainStatistics() : [] },
                activity: { engine.activity },
                embed: embed(parts.checkpoint, pipeline),
                fingerprint: fingerprint(checkpoint, maxSequenceLength: length),
            ),
            engine: engine,
            keeper: parts.keeper,
        )
    }

    /// What makes embeddings; `nil` for a model that isn't made for them, unless a pooling is asked for.
    private func embed(_ checkpoint: Checkpoint, _ pipeline: GenerationPipeline) -> ServingModel.Embed? {
        let pooling = configuration.pooling ?? checkpoint.configuration.pooling
        guard pooling != .none else { return nil }
        return { request throws(GenerationError) in try await pipeline.embed(request, pooling: pooling) }
    }

    /// Of what decides the answers; the number of threads and the size of batches don't.
    private func fingerprint(_ checkpoint: Checkpoint, maxSequenceLength: Int) -> String {
        SystemFingerprint.text(of: [
            programVersion, checkpoint.sizeDescription, "\(checkpoint.stored.byteCount)", "\(maxSequenceLength)",
            configuration.kvCache.type.rawValue,
            checkpoint.engineFacts?.quantization ?? "\(configuration.quantization)", "\(KernelLevel.chosen)",
            configuration.chatTemplate ?? "",
        ])
    }

    private func threadPool() throws -> ThreadPool {
        let topology = HostTopology.current
        let count = configuration.threads ?? topology.threadCount
        let reason = configuration.threads == nil ? topology.reason : "--num_threads"
        logger.info("computing with \(count) threads (\(reason)), kernels: \(KernelLevel.chosen)")
        return try ThreadPool(threadCount: count)
    }

    private func maxSequenceLength(_ limits: ModelLimits) -> Int {
        guard let length = configuration.maxSequenceLength else { return limits.contextLength }
        if length > limits.contextLength {
            logger.warning("max_seq_len \(length) is beyond the model's context of \(limits.contextLength) tokens")
        }
        return length
    }

    private func engineConfiguration(
        _ limits: ModelLimits,
        maxSequenceLength: Int,
    ) throws(StartupError) -> EngineConfiguration {
        var engine = EngineConfiguration(
            maxSequenceLength: maxSequenceLength,
            blockCount: 0,
            maxBatchSize: configuration.maxBatchSize,
            maxNumTokens: configuration.maxNumTokens,
            tokensPerBlock: configuration.kvCache.tokensPerBlock,
            enableBlockReuse: configuration.kvCache.enableBlockReuse,
            enableChunkedPrefill: configuration.enableChunkedPrefill,
            capacityPolicy: configuration.maxUtilization ? .maxUtilization : .guaranteedNoEvict,
            maxQueuedRequests: configuration.maxQueueSize,
            statisticsCapacity: configuration.statisticsCapacity,
            collectsStatistics: configuration.collectsStatistics,
            collectsRequestStatistics: configuration.collectsRequestStatistics,
            maxBeamWidth: configuration.maxBeamWidth,
        )
        configuration.limits.apply(to: &engine)
        engine.blockCount = try blockCount(limits, for: engine)
        return engine
    }

    private func blockCount(_ limits: ModelLimits, for engine: EngineConfiguration) throws(StartupError) -> Int {
        let logitBytes = EngineLoop.logitRowsAtOnce * limits.vocabularySize * MemoryLayout<Float>.size
        let needs = KVCachePlan.Needs(
            freeBytes: HostMemory.available,
            reservedBytes: Self.reservedBytes + logitBytes,
            bytesPerToken: limits.kvBytesPerToken,
            layout: BlockLayout(engine, groups: limits.kvGroups),
            maxSequenceLength: engine.maxSequenceLength,
            maxBatchSize: engine.maxBatchSize,
        )
        let plan = try KVCachePlan(configuration.kvCache, needs)
        let groups = limits.kvGroups.count > 1 ? " of \(limits.kvGroups.count) groups of layers" : ""
        logger.info(
            """
            KV cache: \(plan.blockCount) blocks of \(engine.tokensPerBlock) tokens\(groups), \
            \(ByteSize(plan.byteCount))
            """,
            metadata: [
                "set_by": "\(plan.reason)", "bytes": "\(plan.byteCount)", "free": "\(ByteSize(needs.freeBytes))",
            ],
        )
        return plan.blockCount
    }

    private func pipeline(
        engine: EngineLoop,
        text: TextModel,
        maxSequenceLength: Int
    ) throws(OutputFormat.Failure) -> GenerationPipeline {
        let logger = logger
        let template = chatTemplate ?? modelTemplate(text)
        let named = chatTemplate == nil ? text.namedTemplates : [:]
        let format = try OutputFormat(
            templates: [template?.source, named["tool_use"]].compactMap(\.self),
            toolParser: configuration.toolParser,
            reasoningParser: configuration.reasoningParser,
            tokenizer: text.tokenizer,
        )
        logger.info("output format: \(format)")
        return GenerationPipeline(
            engine: engine,
            tokenizer: text.tokenizer,
            chatTemplate: template,
            namedTemplates: named,
            maxSequenceLength: maxSequenceLength,
            vocabularySize: engine.limits.vocabularySize,
            textLimits: configuration.limits.textLimits,
            outputFormat: format,
            streamInterval: configuration.streamInterval,
            warn: { logger.warning("\($0)") },
        )
    }

    /// The model's template; one that can't be compiled leaves completions to be served, and says so.
    private func modelTemplate(_ text: TextModel) -> ChatTemplate? {
        do throws(StartupError) {
            let template = try text.chatTemplate()
            if template == nil { logger.warning("the model has no chat template: chats need --chat_template") }
            return template
        } catch {
            logger.error("\(error); chats need --chat_template")
            return nil
        }
    }
}
