extension Endpoint {
    /// Every endpoint of the server; a new one is one more line here and a file of its own.
    package static let all: [Endpoint] = [
        .health, .healthGenerate, .version, .serverInfo, .models, .model, .metrics, .prometheusMetrics, .openAPI,
        .kvCacheEvents, .perfMetrics, .steadyClock, .setSteadyClock, .startProfile, .stopProfile,
        .completions, .chatCompletions, .messages, .countTokens,
        .createResponse, .retrieveResponse, .deleteResponse, .cancelResponse, .responseInput,
        .embeddings, .score, .rerank, .tokenize, .detokenize, .loadAdapter, .unloadAdapter,
    ]
}
