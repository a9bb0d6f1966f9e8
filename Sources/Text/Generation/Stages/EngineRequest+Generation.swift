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
        choiceCount = request.generatedCount
        // There is nothing to look for where nothing is generated.
        beams = prepared.maxTokens > 0 ? request.beams : nil
        sampling = request.sampling
        constraint = request.constraint
        namespace = request.cacheSalt.map { PrefixNamespace(salt: $0) }
        sampling.seed = prepared.seed
        stopTokens = Set(request.stopTokenIDs)
        endTokens = request.ignoreEOS ? [] : tokenizer.endOfGenerationTokens
        minTokens = request.minTokens
        logProbabilities = request.logProbabilities ?? (request.ranksChoices ? 0 : nil)
        promptLogProbabilities = request.promptLogProbabilities
        returnContextLogits = request.returnContextLogits
    }
}

extension GenerationRequest {
    /// Whether more choices are generated than returned, and the best of them picked here.
    var ranksChoices: Bool { beams == nil && bestOf > n }

    /// How many choices come from the engine.
    var generatedCount: Int { ranksChoices ? bestOf : n }
}
