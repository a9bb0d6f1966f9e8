internal import Engine
internal import Tokenization

extension EngineRequest {
    /// What the engine has to know of a request at text level.
    init(_ prepared: PreparedGeneration, tokenizer: Tokenizer) {
        let request = prepared.request
        self.init(promptTokens: prepared.promptTokens, maxTokens: prepared.maxTokens)
        group = request.group
        hasExplicitLimit = request.maxTokens != nil
        choiceCount = max(request.n, request.bestOf)
        sampling.temperature = request.temperature
        sampling.topK = request.topK
        sampling.topP = request.topP
        sampling.topPMin = request.topPMin
        sampling.minP = request.minP
        sampling.repetitionPenalty = request.repetitionPenalty
        sampling.presencePenalty = request.presencePenalty
        sampling.frequencyPenalty = request.frequencyPenalty
        sampling.logitBias = request.logitBias
        sampling.seed = prepared.seed
        stopTokens = Set(request.stopTokenIDs)
        endTokens = request.ignoreEOS ? [] : tokenizer.endOfGenerationTokens
        minTokens = request.minTokens
        logProbabilities = request.logProbabilities ?? (request.bestOf > request.n ? 0 : nil)
        promptLogProbabilities = request.promptLogProbabilities ? request.logProbabilities ?? 0 : nil
        returnContextLogits = request.returnContextLogits
    }
}
