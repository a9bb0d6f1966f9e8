/// What is done to a row of logits before a token is chosen, in this order: bias, repetition, frequency and presence
/// penalties, then the mask of tokens that may not be chosen.
enum LogitAdjustments {
    /// Whether there is anything to do.
    static func areNeeded(_ parameters: SamplingParameters, _ history: TokenHistory, masked: Bool) -> Bool {
        masked || !parameters.logitBias.isEmpty || !history.counts.isEmpty
    }

    /// Changes a row of logits, `[vocabulary]`.
    ///
    /// Ids outside the row are passed over. Each token is changed by itself, so that the order of tokens doesn't matter.
    static func apply(
        _ parameters: SamplingParameters,
        _ history: TokenHistory,
        masked: [Set<Int32>],
        to logits: UnsafeMutableBufferPointer<Float>,
    ) {
        for (token, bias) in parameters.logitBias where logits.indices.contains(Int(token)) {
            logits[Int(token)] += bias
        }
        for (token, count) in history.counts where logits.indices.contains(Int(token)) {
            var logit = logits[Int(token)]
            logit = logit > 0 ? logit / parameters.repetitionPenalty : logit * parameters.repetitionPenalty
            if count > 0 { logit -= parameters.frequencyPenalty * Float(count) + parameters.presencePenalty }
            logits[Int(token)] = logit
        }
        for tokens in masked {
            for token in tokens where logits.indices.contains(Int(token)) { logits[Int(token)] = -.infinity }
        }
    }
}
