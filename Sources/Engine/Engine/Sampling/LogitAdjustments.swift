internal import GuidedDecoding
internal import RequestParameters

/// What is done to a row of logits before a token is chosen, in this order: bias, repetition, frequency and presence
/// penalties, then the mask of tokens that may not be chosen.
enum LogitAdjustments {
    /// Whether there is anything to do to the logits of tokens that may be chosen.
    static func areNeeded(_ parameters: SamplingParameters, _ history: TokenHistory) -> Bool {
        !parameters.logitBias.isEmpty || !history.counts.isEmpty
    }

    /// Writes to `row` what becomes of a row of logits, both `[vocabulary]`; without a mask all tokens may be chosen.
    ///
    /// Ids outside the row are passed over. Each token is changed by itself, so that the order of tokens doesn't matter.
    static func write(
        _ logits: UnsafeBufferPointer<Float>,
        to row: UnsafeMutableBufferPointer<Float>,
        _ parameters: SamplingParameters,
        _ history: TokenHistory,
        mask: TokenMask?,
    ) {
        if let mask { mask.copy(logits, to: row) } else { _ = row.update(fromContentsOf: logits) }
        func isOpen(_ token: Int32) -> Bool { row.indices.contains(Int(token)) && mask?[token] != false }
        for (token, bias) in parameters.logitBias where isOpen(token) {
            row[Int(token)] += bias
        }
        for (token, count) in history.counts where isOpen(token) {
            var logit = row[Int(token)]
            logit = logit > 0 ? logit / parameters.repetitionPenalty : logit * parameters.repetitionPenalty
            if count > 0 { logit -= parameters.frequencyPenalty * Float(count) + parameters.presencePenalty }
            row[Int(token)] = logit
        }
    }
}
