internal import Engine
internal import GuidedDecoding
internal import RequestParameters
internal import Tokenization

extension EngineRequest {
    /// What the engine has to know of a request at text level.
    init(_ prepared: PreparedGeneration, tokenizer: Tokenizer) {
        let request = prepared.request
        self.init(promptTokens: prepared.promptTokens, maxTokens: prepared.maxTokens)
        group = request.group
        hasExplicitLimit = request.maxTokens != nil
        choiceCount = max(request.n, request.bestOf)
        sampling = request.sampling
        constraint = request.constraint
        namespace = request.cacheSalt.map { PrefixNamespace(salt: $0) }
        sampling.seed = prepared.seed
        stopTokens = Set(request.stopTokenIDs)
        endTokens = request.ignoreEOS ? [] : tokenizer.endOfGenerationTokens
        minTokens = request.minTokens
        logProbabilities = request.logProbabilities ?? (request.bestOf > request.n ? 0 : nil)
        promptLogProbabilities = request.promptLogProbabilities ? request.logProbabilities ?? 0 : nil
        returnContextLogits = request.returnContextLogits
    }
}
