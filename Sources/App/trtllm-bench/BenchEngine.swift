internal import Checkpoints
internal import Engine
internal import Models
internal import Tensors

/// An engine with a model, ready to be measured.
struct BenchEngine {
    let engine: EngineLoop
    let threadCount: Int

    /// Loads the model and gives it a KV cache for `concurrency` sequences.
    init(_ options: BenchOptions, concurrency: Int) throws {
        try KernelLevel.checkForced()
        threadCount = options.threadCount ?? HostTopology.current.threadCount
        let pool = try ThreadPool(threadCount: threadCount)
        let model = try DecoderModel.load(checkpoint: Checkpoint.open(path: options.model), pool: pool)
        let length = options.inputLength + options.outputLength
        let blocks = (length + 31) / 32 + 1
        engine = try EngineLoop(
            model: model,
            configuration: EngineConfiguration(
                maxSequenceLength: length,
                blockCount: blocks * concurrency,
                maxBatchSize: concurrency,
                maxNumTokens: options.maxNumTokens,
                enableBlockReuse: false,
                maxQueuedRequests: .max,
                collectsStatistics: false
            )
        )
    }

    /// Runs one request to its end, noting when each token came.
    func run(prompt: [Int32], outputLength: Int) async throws -> RequestTimes {
        let clock = ContinuousClock()
        var request = EngineRequest(promptTokens: prompt, maxTokens: outputLength)
        request.sampling.temperature = 0
        var times = RequestTimes(start: clock.now)
        for try await event in try engine.submit(request) {
            if case .token = event { times.tokens.append(clock.now) }
        }
        return times
    }
}

/// When one request began and when each of its tokens came.
struct RequestTimes: Sendable {
    let start: ContinuousClock.Instant
    var tokens: [ContinuousClock.Instant] = []

    /// Milliseconds to the first token.
    var timeToFirstToken: Double { tokens.first.map { (start.duration(to: $0)).milliseconds } ?? .nan }

    /// Milliseconds to the last token.
    var endToEnd: Double { tokens.last.map { (start.duration(to: $0)).milliseconds } ?? .nan }

    /// Mean milliseconds from one token to the next.
    var timePerOutputToken: Double {
        tokens.count > 1 ? (endToEnd - timeToFirstToken) / Double(tokens.count - 1) : .nan
    }

    /// Milliseconds from each token to the next.
    var interTokenLatencies: [Double] {
        zip(tokens, tokens.dropFirst()).map { ($0.duration(to: $1)).milliseconds }
    }
}

extension Duration {
    /// The duration in milliseconds.
    var milliseconds: Double { self / .milliseconds(1) }
}
