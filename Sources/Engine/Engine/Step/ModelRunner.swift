internal import Models

/// Runs plans on the model; grows its working memory as needed instead of taking the worst case at the start.
struct ModelRunner {
    private let model: any LanguageModel
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
        try reserve(tokens: min(configuration.maxNumTokens, tokens + rows), logitRows: rows)
    }

    /// Copies blocks, in order.
    func copy(_ copies: [BlockCopy]) {
        for copy in copies { model.copyBlock(from: copy.source, to: copy.destination) }
    }

    /// Computes a plan.
    ///
    /// - Returns: logits `[rows wanted, vocabulary]`, valid until the next call.
    /// - Throws: `EngineError.failed` when working memory can't be had or the model returns something else.
    mutating func run(_ plan: StepPlan) throws(EngineError) -> UnsafeBufferPointer<Float> {
        let batch = BatchBuilder.batch(of: plan)
        let rows = batch.logitRowCount
        try reserve(tokens: batch.tokens.count, logitRows: rows)
        copy(plan.copies)
        let logits = model.forward(batch)
        guard logits.count >= rows * model.limits.vocabularySize else {
            throw .failed("the model returned \(logits.count) logits for \(rows) rows")
        }
        return logits
    }

    private mutating func reserve(tokens: Int, logitRows: Int) throws(EngineError) {
        guard tokens > reservedTokens || logitRows > reservedLogitRows else { return }
        // By half more than needed, so that a slowly growing batch doesn't reserve in every iteration.
        let tokens = tokens > reservedTokens ? max(tokens, reservedTokens * 3 / 2) : reservedTokens
        let logitRows = logitRows > reservedLogitRows ? max(logitRows, reservedLogitRows * 3 / 2) : reservedLogitRows
        do {
            try model.reserve(tokens: tokens, logitRows: logitRows)
        } catch {
            throw .failed("\(error)")
        }
        (reservedTokens, reservedLogitRows) = (tokens, logitRows)
    }
}
