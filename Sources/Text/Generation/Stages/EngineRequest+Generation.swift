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
        sampling = request.sampling
        constraint = request.constraint
        namespace = request.cacheSalt.map { PrefixNamespace(salt: $0) }
        adapter = request.adapter
        sampling.seed = prepared.seed
        if let beams = request.beams {
            // One beam is the most probable token again and again; and nothing is looked for where nothing is generated.
            self.beams = beams.width > 1 && prepared.maxTokens > 0 ? beams : nil
            sampling.temperature = 0
        }
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
