internal import Engine

extension GenerationError {
    /// What an error of the engine is to the sender of a request.
    init(_ error: EngineError) {
        self =
            switch error {
            case .queueFull: .overloaded(error.description)
            case .shuttingDown: .shuttingDown
            case .emptyPrompt: .emptyPrompt
            case .tokenOutOfRange(let token, let size):
                .tokenOutOfRange(field: "prompt", token: Int(token), vocabularySize: size)
            case .sequenceTooLong(let prompt, _, let limit): .promptTooLong(promptTokens: prompt, limit: limit)
            case .exceedsKVCache(let needed, let blocks):
                .outOfRange(
                    field: "the KV cache need of prompt, max_tokens and n",
                    value: "\(needed) blocks",
                    allowed: "at most \(blocks) blocks",
                )
            case .promptExceedsIteration(let tokens, let limit):
                .outOfRange(
                    field: "the prompt's length",
                    value: "\(tokens) tokens",
                    allowed: "at most max_num_tokens (\(limit)) without chunked prefill",
                )
            case .tooManyChoices(let count, let limit):
                .outOfRange(field: "n (or best_of)", value: "\(count)", allowed: "at most max_batch_size (\(limit))")
            case .invalidSetting(let name, let value, let allowed):
                .outOfRange(field: name, value: value, allowed: allowed)
            case .cannotGenerate: .cannotGenerate
            case .kvCacheTooSmall, .failed: .engine(error.description)
            }
    }
}
