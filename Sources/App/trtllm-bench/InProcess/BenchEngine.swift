internal import Checkpoints
internal import Engine
internal import Models
internal import Parallel
internal import RequestParameters
internal import Tensors

/// An engine with a model, ready to be measured.
struct BenchEngine {
    let engine: EngineLoop
    let threadCount: Int
    let footprint: ModelFootprint
    /// What this process exchanges with others, if there are others.
    let ranks: BenchRanks?
    private let distributed: DistributedModel?
    private let sampling: SamplingParameters
    private let adapters: [Adapter]
    private let scoresPrompts: Bool

    /// Loads the model and gives it a KV cache for `concurrency` sequences.
    ///
    /// - Returns: `nil` where this process computed a part of it for another, which is done with it.
    static func load(_ options: BenchOptions, concurrency: Int) throws -> BenchEngine? {
        try KernelLevel.checkForced()
        let layout = try options.ranks.layout
        let ranks = layout.size > 1 ? try BenchRanks.join(layout.size) : nil
        do {
            let group = try ranks.map { try RankGroup(layout, world: $0.world.communicator) }
            let pool = try ThreadPool(threadCount: options.threadCount ?? HostTopology.current.threadCount)
            let model = try DecoderModel.load(
                checkpoint: Checkpoint.open(path: options.model),
                pool: pool,
                cacheType: options.cacheType,
                quantization: WeightQuantization(options.quantization),
                ranks: group
            )
            guard let ranks, let group else {
                return try BenchEngine(options, concurrency: concurrency, model)
            }
            ranks.world.watch.follow { [weak model] in model?.computeSigns }
            guard ranks.rank == 0 else {
                try RankWorker(model, group).run()
                ranks.waitUntilEnded()
                return nil
            }
            let distributed = DistributedModel(model, group, microBatches: options.ranks.microBatchCount)
            return try BenchEngine(options, concurrency: concurrency, model, distributed, ranks)
        } catch {
            ranks?.fail("\(error)")
            throw error
        }
    }

    private init(
        _ options: BenchOptions,
        concurrency: Int,
        _ model: DecoderModel,
        _ distributed: DistributedModel? = nil,
        _ ranks: BenchRanks? = nil,
    ) throws {
        (self.distributed, self.ranks) = (distributed, ranks)
        threadCount = model.workerCount
        footprint = model.footprint
        sampling = options.sampling.parameters
        scoresPrompts = options.sampling.scoresPrompts
        if options.adapterCount > 0 { model.allowAdapters(rank: options.adapterRank) }
        adapters = try (0..<options.adapterCount).map { index in
            try model.randomAdapter(rank: options.adapterRank, seed: UInt64(index))
        }
        let length = options.inputLength + options.outputLength
        let blocks = ((length + 31) / 32 + 1) * model.limits.kvGroups.count
        engine = try EngineLoop(
            model: distributed ?? model,
            configuration: EngineConfiguration(
                maxSequenceLength: length,
                blockCount: blocks * concurrency,
                maxBatchSize: concurrency,
                maxNumTokens: options.maxNumTokens,
                enableBlockReuse: false,
                maxQueuedRequests: .max,
                collectsStatistics: false,
                maxAdapters: options.adapterCount
            )
        )
    }

    /// Ends the engine and all processes.
    func shutdown() async {
        await engine.shutdown()
        distributed?.stop()
        ranks?.finish()
    }

    /// Runs one request to its end, noting when each token came; `turn` chooses its adapter, where there are some.
    func run(prompt: [Int32], outputLength: Int, turn: Int = 0) async throws -> RequestTimes {
        var request = EngineRequest(promptTokens: prompt, maxTokens: outputLength)
        request.sampling = sampling
        request.sampling.seed = UInt64(truncatingIfNeeded: prompt.first ?? 0)
        request.adapter = adapters.isEmpty ? nil : adapters[turn % adapters.count]
        if scoresPrompts { request.promptLogProbabilities = 0 }
        var times = RequestTimes()
        for try await event in try engine.submit(request) {
            guard case .token = event else { continue }
            times.pieces.append(.now)
            times.tokenCount += 1
        }
        return times
    }
}
