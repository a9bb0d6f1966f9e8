internal import Models
internal import RequestParameters

/// The checks a request passes before it is queued: everything that can be known without running it.
enum RequestValidation {
    /// Checks a request against the engine's limits.
    ///
    /// - Throws: `EngineError` that names what is wrong and the limit.
    static func check(
        _ request: EngineRequest,
        _ configuration: EngineConfiguration,
        _ limits: ModelLimits,
    ) throws(EngineError) {
        try checkKind(request, limits)
        try checkLengths(request, configuration, limits)
        for token in request.promptTokens where token < 0 || Int(token) >= limits.vocabularySize {
            throw .tokenOutOfRange(token: token, vocabularySize: limits.vocabularySize)
        }
        let named = (request.sampling.allowedTokens ?? []).union(request.sampling.bannedSequences.joined())
        if let token = named.filter({ $0 < 0 || Int($0) >= limits.vocabularySize }).min() {
            throw .tokenOutOfRange(token: token, vocabularySize: limits.vocabularySize)
        }
        let biased = request.sampling.logitBias.keys.lazy.filter { $0 < 0 || Int($0) >= limits.vocabularySize }
        if let token = biased.min() {
            throw .tokenOutOfRange(token: token, vocabularySize: limits.vocabularySize)
        }
        try checkRanges(request, limits)
        try checkBeams(request, configuration)
    }

    private static func checkBeams(
        _ request: EngineRequest,
        _ configuration: EngineConfiguration,
    ) throws(EngineError) {
        guard let beams = request.beams else { return }
        let widths = 1...max(1, configuration.maxBeamWidth)
        try require(
            widths.contains(beams.width),
            "best_of (or n), the number of beams,",
            beams.width,
            "in [1, max_beam_width (\(widths.upperBound))]"
        )
        try require(
            request.choiceCount <= beams.width,
            "n",
            request.choiceCount,
            "at most the beam width (\(beams.width))"
        )
        let penalty = beams.lengthPenalty
        try require(penalty >= 0 && penalty.isFinite, "length_penalty", penalty, "at least 0")
        try require(request.maxTokens > 0, "max_tokens", request.maxTokens, "at least 1 for beam search")
        let canEnd = request.constraint == nil || !request.endTokens.isEmpty
        try require(canEnd, "ignore_eos", true, "false for beam search under a constraint, which beams end")
        let policy = configuration.capacityPolicy
        try require(
            policy == .guaranteedNoEvict,
            "the capacity scheduler policy",
            policy.rawValue,
            "\(CapacityPolicy.guaranteedNoEvict.rawValue) for beam search, whose beams can't be paused"
        )
    }

    /// Checks that the model can make what is asked for.
    private static func checkKind(_ request: EngineRequest, _ limits: ModelLimits) throws(EngineError) {
        guard let positions = request.pooledPositions else {
            guard limits.isCausal else { throw .cannotGenerate }
            return
        }
        let prompt = 0..<request.promptTokens.count
        try require(
            !positions.isEmpty && prompt.clamped(to: positions) == positions,
            "the pooled positions",
            positions,
            "some in \(prompt)"
        )
        try require(request.maxTokens == 0, "max_tokens", request.maxTokens, "0 for an embedding")
        try require(request.choiceCount == 1, "n", request.choiceCount, "1 for an embedding")
        let reports =
            request.returnContextLogits || request.logProbabilities != nil || request.promptLogProbabilities != nil
        try require(!reports, "the report of logits", reports, "false for an embedding")
    }

    private static func checkLengths(
        _ request: EngineRequest,
        _ configuration: EngineConfiguration,
        _ limits: ModelLimits,
    ) throws(EngineError) {
        let promptCount = request.promptTokens.count
        guard promptCount > 0 else { throw .emptyPrompt }
        try require(request.maxTokens >= 0, "max_tokens", request.maxTokens, "at least 0")
        try require(request.choiceCount >= 1, "n", request.choiceCount, "at least 1")
        let most = min(configuration.maxBatchSize, request.beams == nil ? .max : configuration.maxNumTokens)
        guard request.sequenceCount <= most else { throw .tooManyChoices(count: request.sequenceCount, limit: most) }
        guard promptCount <= configuration.maxSequenceLength,
            request.maxTokens <= configuration.maxSequenceLength - promptCount
        else {
            throw .sequenceTooLong(
                promptTokens: promptCount,
                maxTokens: request.maxTokens,
                limit: configuration.maxSequenceLength,
            )
        }
        // The last token of the output is never computed.
        let length = promptCount + max(request.maxTokens, 1) - 1
        let layout = BlockLayout(configuration, groups: limits.kvGroups)
        let neededBlocks = layout.mostBlocks(
            length: length,
            remaining: length,
            count: request.beams?.width ?? 1,
            shared: promptCount,
        )
        guard neededBlocks <= configuration.blockCount else {
            throw .exceedsKVCache(neededBlocks: neededBlocks, blocks: configuration.blockCount)
        }
        guard configuration.enableChunkedPrefill || promptCount <= configuration.maxNumTokens else {
            throw .promptExceedsIteration(promptTokens: promptCount, limit: configuration.maxNumTokens)
        }
    }

    private static func checkRanges(_ request: EngineRequest, _ limits: ModelLimits) throws(EngineError) {
        let sampling = request.sampling
        let temperature = sampling.temperature
        try require(temperature >= 0 && temperature.isFinite, "temperature", temperature, "at least 0")
        try require(sampling.topK >= 0, "top_k", sampling.topK, "at least 0")
        try require(sampling.topP > 0 && sampling.topP <= 1, "top_p", sampling.topP, "in (0, 1]")
        let decay = sampling.topPDecay
        try require(decay > 0 && decay <= 1, "top_p_decay", decay, "in (0, 1]")
        let isReset = (sampling.topPResetToken ?? 0) >= 0
        try require(isReset, "top_p_reset_ids", sampling.topPResetToken ?? 0, "at least 0")
        try require((0...1).contains(sampling.topPMin), "top_p_min", sampling.topPMin, "in [0, 1]")
        try require((0...1).contains(sampling.minP), "min_p", sampling.minP, "in [0, 1]")
        let repetition = sampling.repetitionPenalty
        try require(repetition > 0 && repetition.isFinite, "repetition_penalty", repetition, "greater than 0")
        try require(sampling.presencePenalty.isFinite, "presence_penalty", sampling.presencePenalty, "a finite number")
        let frequency = sampling.frequencyPenalty
        try require(frequency.isFinite, "frequency_penalty", frequency, "a finite number")
        for (token, bias) in sampling.logitBias {
            try require(!bias.isNaN, "logit_bias of token \(token)", bias, "a number")
        }
        try require(request.minTokens >= 0, "min_tokens", request.minTokens, "at least 0")
        let range = 0...limits.vocabularySize
        let alternatives = request.logProbabilities ?? 0
        try require(range.contains(alternatives), "logprobs", alternatives, "in [0, \(range.upperBound)]")
        let ofPrompt = request.promptLogProbabilities ?? 0
        try require(range.contains(ofPrompt), "prompt_logprobs", ofPrompt, "in [0, \(range.upperBound)]")
    }

    /// Throws an error that names a value unless a condition holds.
    static func require(
        _ condition: Bool,
        _ name: String,
        _ value: some CustomStringConvertible,
        _ allowed: String,
    ) throws(EngineError) {
        guard condition else { throw .invalidSetting(name: name, value: value.description, allowed: allowed) }
    }
}
