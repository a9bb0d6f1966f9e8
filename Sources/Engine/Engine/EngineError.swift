/// Why the engine can't take or finish a request, or can't start.
public enum EngineError: Error, Sendable, Hashable, CustomStringConvertible {
    /// With the choices of this request more would wait than the queue holds.
    case queueFull(waiting: Int, requested: Int, limit: Int)
    /// The engine is draining or stopped.
    case shuttingDown
    /// The prompt has no tokens.
    case emptyPrompt
    /// A token id isn't in the vocabulary.
    case tokenOutOfRange(token: Int32, vocabularySize: Int)
    /// Prompt and output together are longer than a sequence may be.
    case sequenceTooLong(promptTokens: Int, maxTokens: Int, limit: Int)
    /// The sequence could never fit the KV cache, even alone.
    case exceedsKVCache(neededBlocks: Int, blocks: Int)
    /// Chunked prefill is off and the prompt is longer than an iteration may be.
    case promptExceedsIteration(promptTokens: Int, limit: Int)
    /// More choices were asked for than sequences may run at once.
    case tooManyChoices(count: Int, limit: Int)
    /// The KV cache can't hold one sequence of the longest length.
    case kvCacheTooSmall(neededBytes: Int, availableBytes: Int, maxSequenceLength: Int)
    /// A setting is out of its range.
    case invalidSetting(name: String, value: String, allowed: String)
    /// The model is an encoder, and the request isn't for an embedding.
    case cannotGenerate
    /// The engine loop failed; every running request ends with this.
    case failed(String)

    /// What is wrong, with the value and the limit.
    public var description: String {
        switch self {
        case .queueFull(let waiting, let requested, let limit):
            "the server is overloaded: \(waiting) choices are waiting and this request asks for \(requested) more, but at "
                + "most \(limit) may wait; try again later"
        case .shuttingDown: "the server is shutting down"
        case .emptyPrompt: "the prompt must contain at least 1 token"
        case .tokenOutOfRange(let token, let size): "token id \(token) is out of the vocabulary range [0, \(size))"
        case .sequenceTooLong(let prompt, let maxTokens, let limit):
            "the prompt has \(prompt) tokens and \(maxTokens) were requested, which together exceed "
                + "max_seq_len (\(limit))"
        case .exceedsKVCache(let needed, let blocks):
            "the request needs \(needed) KV cache blocks, but the cache has only \(blocks)"
        case .promptExceedsIteration(let tokens, let limit):
            "the prompt has \(tokens) tokens, but without chunked prefill, which encoders can't have, at most "
                + "max_num_tokens (\(limit)) can be computed; set enable_chunked_prefill, or raise --max_num_tokens"
        case .tooManyChoices(let count, let limit):
            "\(count) choices were requested, but at most max_batch_size (\(limit)) can run at once"
        case .kvCacheTooSmall(let needed, let available, let length):
            "the KV cache has \(available) bytes, but one sequence of \(length) tokens needs \(needed); lower "
                + "--max_seq_len, or raise --kv_cache_free_gpu_memory_fraction or kv_cache_config.max_tokens"
        case .invalidSetting(let name, let value, let allowed): "\(name) is \(value), but must be \(allowed)"
        case .cannotGenerate: "this model makes embeddings only; it can't generate or score text"
        case .failed(let reason): "the engine failed: \(reason)"
        }
    }
}
