internal import Checkpoints
internal import Engine
internal import Models
internal import RequestParameters
internal import Tensors

/// An engine with a model, ready to be measured.
struct BenchEngine {
    let engine: EngineLoop
    let threadCount: Int
    let footprint: ModelFootprint
    private let sampling: SamplingParameters
    private let adapters: [Adapter]
    private let scoresPrompts: Bool

    /// Loads the model and gives it a KV cache for `concurrency` sequences.
    init(_ options: BenchOptions, concurrency: Int) throws {
        try KernelLevel.checkForced()
        threadCount = options.threadCount ?? HostTopology.current.threadCount
        let pool = try ThreadPool(threadCount: threadCount)
        let model = try DecoderModel.load(
            checkpoint: Checkpoint.open(path: options.model),
            pool: pool,
            cacheType: options.cacheType,
            quantization: WeightQuantization(options.quantization)
        )
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
            model: model,
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
