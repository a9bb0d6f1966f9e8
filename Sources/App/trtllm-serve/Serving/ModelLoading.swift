internal import ChatTemplates
internal import Checkpoints
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
    }

    /// Working memory that is set aside beside the KV cache, on top of logits.
    private static let reservedBytes = 256 << 20

    let configuration: ServeConfiguration
    /// A template instead of the model's.
    let chatTemplate: ChatTemplate?
    let logger: Logger

    /// Loads; takes seconds and computes on all threads.
    ///
    /// - Parameters:
    ///   - path: The model's file or directory.
    ///   - progress: Called with the share that is done, 0 to 1.
    /// - Throws: an error for people that names the file, tensor or setting.
    func load(path: String, progress: @escaping (Double) -> Void) throws -> Loaded {
        try KernelLevel.checkForced()
        let checkpoint = try Checkpoint.open(path: path)
        logger.info("opened \(checkpoint.path): \(checkpoint.contentDescription)")
        let text = try TextModel(checkpoint.text)
        let model = try DecoderModel.load(
            checkpoint: checkpoint,
            pool: try threadPool(),
            cacheType: configuration.kvCache.type.cacheType,
            quantization: configuration.quantization,
            calibration: configuration.quantization.algorithm.needsCalibration ? calibration(text.tokenizer) : [],
            longestSequence: configuration.maxSequenceLength,
            progress: progress
        )
        let length = maxSequenceLength(model.limits)
        let engine = try EngineLoop(
            model: model,
            configuration: try engineConfiguration(model.limits, maxSequenceLength: length),
        )
        let pipeline = pipeline(engine: engine, text: text, maxSequenceLength: length)
        let collects = configuration.collectsStatistics
        return Loaded(
            servingModel: ServingModel(
                backend: pipeline,
                drainStatistics: { collects ? engine.drainStatistics() : [] },
                activity: { engine.activity },
                fingerprint: fingerprint(checkpoint, maxSequenceLength: length),
            ),
            engine: engine,
        )
    }

    /// Of what decides the answers; the number of threads and the size of batches don't.
    private func fingerprint(_ checkpoint: Checkpoint, maxSequenceLength: Int) -> String {
        SystemFingerprint.text(of: [
            programVersion, checkpoint.contentDescription, "\(checkpoint.tensors.byteCount)", "\(maxSequenceLength)",
            configuration.kvCache.type.rawValue, "\(configuration.quantization)", "\(KernelLevel.chosen)",
            configuration.chatTemplate ?? "",
        ])
    }

    /// Windows of a text that activations are measured on.
    private func calibration(_ tokenizer: Tokenizer) -> [[Int32]] {
        let tokens = tokenizer.encode(CalibrationText.text, addSpecialTokens: true, parseSpecialTokens: false)
        return stride(from: 0, to: tokens.count, by: CalibrationText.windowTokens).map { start in
            tokens[start..<min(start + CalibrationText.windowTokens, tokens.count)].map { Int32($0) }
        }
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

    private func pipeline(engine: EngineLoop, text: TextModel, maxSequenceLength: Int) -> GenerationPipeline {
        let logger = logger
        return GenerationPipeline(
            engine: engine,
            tokenizer: text.tokenizer,
            chatTemplate: chatTemplate ?? modelTemplate(text),
            namedTemplates: chatTemplate == nil ? text.namedTemplates : [:],
            maxSequenceLength: maxSequenceLength,
            vocabularySize: engine.limits.vocabularySize,
            textLimits: configuration.limits.textLimits,
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
