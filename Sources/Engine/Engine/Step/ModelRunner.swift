internal import Models

/// Runs plans on the model; grows its working memory as needed instead of taking the worst case at the start.
struct ModelRunner {
    /// Most rows of logits that exist at once: enough for the output matrix to be multiplied at full speed, and however
    /// many rows an iteration has, their memory is bounded.
    static let logitRowsAtOnce = 64

    let model: any LanguageModel
    private var reservedTokens = 0
    private var reservedLogitRows = 0

    /// Allocates the KV cache and the working memory of an ordinary iteration.
    ///
    /// - Throws: `EngineError.failed` when the memory can't be had.
    init(model: any LanguageModel, configuration: EngineConfiguration) throws(EngineError) {
        self.model = model
        do {
            try model.allocateKVCache(
                blockCount: configuration.blockCount,
                tokensPerBlock: configuration.tokensPerBlock,
            )
        } catch {
            throw .failed("\(error)")
        }
        let rows = min(configuration.maxBatchSize, 16)
        let tokens = configuration.enableChunkedPrefill ? configuration.prefillTokens : 1024
        let (most, overflow) = tokens.addingReportingOverflow(rows)
        // Stages take the worst case at the start: what they say of more memory would stand behind the outputs in flight.
        let isStaged = model.batchesAtOnce > 1
        try reserve(
            tokens: overflow || isStaged ? configuration.maxNumTokens : min(configuration.maxNumTokens, most),
            logitRows: isStaged ? Self.logitRowsAtOnce : rows
        )
    }

    /// Copies blocks, in order.
    func copy(_ copies: [BlockCopy]) {
        for copy in copies { model.copyBlock(from: copy.source, to: copy.destination) }
    }

    /// Begins to compute a plan, up to the rows of logits that it wants.
    ///
    /// - Throws: `EngineError.failed` when working memory can't be had.
    mutating func begin(_ plan: StepPlan) throws(EngineError) {
        let batch = BatchBuilder.batch(of: plan)
        try reserve(tokens: batch.tokens.count, logitRows: min(batch.logitRowCount, Self.logitRowsAtOnce))
        copy(plan.copies)
        model.begin(batch)
    }

    /// Waits for the oldest plan that has begun.
    func finish() { model.finish() }

    /// Checks that what the model gave means anything.
    ///
    /// - Throws: `EngineError.failed` when it doesn't.
    func checkModel() throws(EngineError) {
        if let failure = model.failure { throw .failed(failure) }
    }

    private mutating func reserve(tokens: Int, logitRows: Int) throws(EngineError) {
        guard tokens > reservedTokens || logitRows > reservedLogitRows else { return }
        // By half more than needed, so that a slowly growing batch doesn't reserve in every iteration.
        let tokens = tokens > reservedTokens ? max(tokens, reservedTokens / 2 * 3) : reservedTokens
        let logitRows =
            logitRows > reservedLogitRows
            ? min(max(logitRows, reservedLogitRows / 2 * 3), Self.logitRowsAtOnce) : reservedLogitRows
        do {
            try model.reserve(tokens: tokens, logitRows: logitRows)
        } catch {
            throw .failed("\(error)")
        }
        (reservedTokens, reservedLogitRows) = (tokens, logitRows)
    }
}
