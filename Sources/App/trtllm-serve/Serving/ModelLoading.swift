internal import ChatTemplates
internal import Checkpoints
internal import CommandSupport
internal import Engine
internal import Generation
internal import Logging
internal import Models
internal import Parallel
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
        /// The adapters to load at the start.
        var adapters: [AdapterSettings.Module] = []
        /// The model as other ranks compute it, too, if there are any.
        var distributed: DistributedModel?
    }

    /// What is read from files.
    private struct Parts {
        var checkpoint: Checkpoint
        /// On rank 0.
        var text: TextModel?
        var model: DecoderModel
        /// This model's ranks, if there are others.
        var group: RankGroup?
        var keeper: EngineKeeper?

        /// Sizes of the model, of whose KV cache this rank has a part.
        var limits: ModelLimits {
            var limits = model.limits
            limits.kvBytesPerToken = model.kvBytesPerTokenHere
            return limits
        }
    }

    /// Working memory that is set aside beside the KV cache, on top of logits.
    private static let reservedBytes = 256 << 20

    private(set) var configuration: ServeConfiguration
    /// A template instead of the model's.
    let chatTemplate: ChatTemplate?
    /// The processes that compute the model together, if there are others.
    var ranks: RankMembership?
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

    /// Loads this rank's part of a model and computes what rank 0 asks for, until that says that the work is done.
    ///
    /// - Throws: an error for people, as `load` does, or what ended the ranks.
    func work(path: String, tokenizer: String?) throws {
        try KernelLevel.checkForced()
        let text = try tokenizer.map { try TextModel(path: $0) }
        let parts = try parts(path: path, text, try threadPool()) { _ in }
        var fitted = self
        try fitted.configuration.fit(to: parts.checkpoint.engineFacts?.limits ?? EngineLimits())
        guard let group = parts.group else { throw StartupError.invalid("a rank works only with others") }
        let adapters = try adapterRules(parts).flatMap { RankAdapters(parts.model, group, $0) }
        // Rank 0 makes as many blocks as the rank with the least memory has room for.
        _ = try fitted.engineConfiguration(parts, maxSequenceLength: fitted.maxSequenceLength(parts.limits))
        guard let adapters else { return try RankWorker(parts.model, group).run() }
        let hasEnded = SystemSemaphore()
        let code = SystemThread.start(name: "adapters") { [ranks] in
            do {
                try adapters.run()
            } catch {
                ranks?.world.watch.fail("\(error)")
            }
            hasEnded.signal()
        }
        guard code == 0 else { throw StartupError.invalid("the system gives no thread to load adapters with") }
        try RankWorker(parts.model, group, adapters).run()
        // MPI may be ended only when no thread uses it any more.
        _ = hasEnded.wait(seconds: RankMembership.patience)
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
        if let ranks { return try read(path: engineOfAll(ranks, engines) ?? path, text, pool, progress) }
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

    /// The cached engine that ranks load their parts of; `nil` unless all of them have one that can be opened.
    ///
    /// What becomes of the model's own weights is rounded by each rank for itself, which an engine of the whole isn't: that is
    /// for models alone that are served as they are.
    private func engineOfAll(_ ranks: RankMembership, _ engines: CompiledEngines?) throws -> String? {
        let found = configuration.quantization.algorithm == .unquantized ? engines?.find() : nil
        let isThere = found.map { (try? Checkpoint.open(path: $0)) != nil } ?? false
        return try ranks.smallest(isThere ? 1 : 0) == 1 ? found : nil
    }

    private func read(
        path: String,
        _ text: TextModel?,
        _ pool: ThreadPool,
        _ progress: @escaping (Double) -> Void,
    ) throws -> Parts {
        let checkpoint = try Checkpoint.open(path: path)
        logger.info("opened \(checkpoint.path): \(checkpoint.contentDescription)")
        try ranks?.agree(on: [
            "a model of \(checkpoint.sizeDescription)", "weights of \(checkpoint.stored.byteCount) bytes",
            "weights whose samples have the checksum \(String(checkpoint.tensors.sampleSum, radix: 16))",
        ])
        let group = try ranks.map { ranks in
            try RankGroup(
                configuration.ranks.layout,
                world: ranks.world.communicator,
                hasAdapters: configuration.adapters.isEnabled
            )
        }
        if let sampling = checkpoint.text.generation.sampling {
            logger.info("the model's makers recommend \(sampling); requests that say nothing get the API's defaults")
        }
        var limited = configuration
        try limited.fit(to: checkpoint.engineFacts?.limits ?? EngineLimits())
        // Making a tokenizer of a large vocabulary takes as long as reading a small model's weights.
        let quantization = try quantization(of: checkpoint)
        let needsText = quantization.algorithm.needsCalibration
        let own = text == nil && (isServing || needsText) ? Meanwhile { try TextModel(checkpoint.text) } : nil
        let measured = needsText ? try text ?? own?.value() : nil
        let model = try DecoderModel.load(
            checkpoint: checkpoint,
            pool: pool,
            cacheType: configuration.kvCache.type.cacheType,
            quantization: quantization,
            calibration: measured.map { CalibrationText.windows($0.tokenizer) } ?? [],
            ranks: group,
            longestSequence: limited.maxSequenceLength,
            progress: progress
        )
        let ownText = try measured ?? text ?? own?.value()
        if isServing && ownText == nil { throw StartupError.invalid("\(path) has no tokenizer") }
        if let ranks {
            ranks.world.watch.follow { [weak model] in model?.computeSigns }
            logger.info("rank \(ranks.rank) has loaded its part: \(ByteSize(HostMemory.resident)) resident")
        }
        return Parts(checkpoint: checkpoint, text: ownText, model: model, group: group)
    }

    /// Whether this process talks to clients, which needs the text side.
    private var isServing: Bool { (ranks?.rank ?? 0) == 0 }

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
        let (checkpoint, limits) = (parts.checkpoint, parts.limits)
        guard let text = parts.text else { throw StartupError.invalid("\(checkpoint.path) has no tokenizer") }
        let length = maxSequenceLength(limits)
        let rules = try adapterRules(parts)
        let settings = try engineConfiguration(parts, maxSequenceLength: length)
        let distributed = parts.group.map {
            DistributedModel(parts.model, $0, microBatches: configuration.ranks.microBatches)
        }
        let adapters = rules.map { library($0, parts.model, distributed) }
        let model: any LanguageModel = if let distributed { distributed } else { parts.model }
        let engine = try EngineLoop(model: model, configuration: settings, whenIterated: completion)
        let pipeline = try pipeline(engine: engine, text: text, maxSequenceLength: length)
        let collects = configuration.collectsStatistics
        let figures: (@Sendable () -> RankFigures)? = if let ranks { { ranks.figures } } else { nil }
        return Loaded(
            servingModel: ServingModel(
                backend: pipeline,
                drainStatistics: { collects ? engine.drainStatistics() : [] },
                drainKVCacheEvents: { engine.drainKVCacheEvents() },
                activity: { engine.activity },
                embed: embed(parts.checkpoint, pipeline),
                adapters: adapters,
                profiler: engine.profiler,
                fingerprint: fingerprint(checkpoint, maxSequenceLength: length),
                ranks: figures,
            ),
            engine: engine,
            keeper: parts.keeper,
            adapters: configuration.adapters.modules,
            distributed: distributed,
        )
    }

    /// What the statistics of an iteration still lack, and what is logged of them.
    private var completion: @Sendable (inout IterationStatistics) -> Void {
        let log = configuration.logsIterations ? IterationLog(logger) : nil
        return { [ranks] iteration in
            if let ranks { iteration.rankMemory = ranks.memory }
            log?.note(iteration)
        }
    }

    /// What adapters have to be like, for which the model is made ready; `nil` if there are none.
    private func adapterRules(_ parts: Parts) throws(StartupError) -> AdapterRules? {
        let settings = configuration.adapters
        guard settings.isEnabled else { return nil }
        if let refusal = parts.model.adapterRefusal { throw .invalid("LoRA adapters can't be used: \(refusal)") }
        parts.model.allowAdapters(rank: settings.maxRank)
        return AdapterRules(
            configuration: parts.checkpoint.configuration,
            rankLimit: settings.maxRank,
            allowed: settings.matrices
        )
    }

    /// The adapters that the model may have, still none.
    private func library(
        _ rules: AdapterRules,
        _ model: DecoderModel,
        _ distributed: DistributedModel?,
    ) -> AdapterLibrary {
        let settings = configuration.adapters
        return AdapterLibrary(
            capacity: settings.maxHeld,
            mostAtOnce: settings.maxAtOnce,
            reserved: [configuration.servedModelName],
            folders: settings.folders,
            allowsAnyPath: settings.allowsAnyPath
        ) { name, path in
            try distributed?.loadAdapter(directory: path, rules, name: name)
                ?? model.loadAdapter(directory: path, rules, name: name)
        }
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
            configuration.chatTemplate ?? "", configuration.ranks.size > 1 ? "\(configuration.ranks.layout)" : "",
        ])
    }

    private func threadPool() throws -> ThreadPool {
        let topology = ranks?.topology ?? HostTopology.current
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
        _ parts: Parts,
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
            collectsStatistics: configuration.collectsStatistics || configuration.logsIterations,
            collectsRequestStatistics: configuration.collectsRequestStatistics,
            maxBeamWidth: configuration.maxBeamWidth,
            maxAdapters: configuration.adapters.maxAtOnce,
            kvCacheEventCapacity: configuration.kvCache.eventCapacity,
            collectsRequestBlocks: configuration.timedRequests > 0,
        )
        configuration.limits.apply(to: &engine)
        let adapters = configuration.adapters
        engine.blockCount = try blockCount(
            parts.limits,
            for: engine,
            beside: MemorySize.product(adapters.maxHeld, parts.model.adapterBytes(rank: adapters.maxRank))
        )
        return engine
    }

    private func blockCount(
        _ limits: ModelLimits,
        for engine: EngineConfiguration,
        beside adapterBytes: Int,
    ) throws(StartupError) -> Int {
        let logitBytes = EngineLoop.logitRowsAtOnce * limits.vocabularySize * MemoryLayout<Float>.size
        let needs = KVCachePlan.Needs(
            freeBytes: HostMemory.available / (ranks?.world.place.count ?? 1),
            reservedBytes: MemorySize.sum([Self.reservedBytes, logitBytes, adapterBytes]),
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
        guard let ranks else { return plan.blockCount }
        do {
            return try ranks.smallest(plan.blockCount)
        } catch {
            throw .invalid("\(error)")
        }
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
