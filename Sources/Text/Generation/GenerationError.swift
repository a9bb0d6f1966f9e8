public import ChatTemplates
internal import Engine

/// Why a request can't be served.
public enum GenerationError: Error, Sendable, CustomStringConvertible {
    /// The chat template failed or refused.
    case template(TemplateError)
    /// The model has no chat template and the request brings none.
    case noChatTemplate
    /// The prompt has no tokens.
    case emptyPrompt
    /// A token id isn't in the vocabulary.
    case tokenOutOfRange(field: String, token: Int, vocabularySize: Int)
    /// The prompt, which has at least so many tokens, leaves no room in the longest sequence for output.
    case promptTooLong(promptTokens: Int, limit: Int)
    /// A setting is out of its range.
    case outOfRange(field: String, value: String, allowed: String)
    /// What the output is to obey can't be kept.
    case constraint(field: String, reason: String)
    /// Nothing may follow what a choice has, which isn't what was asked for: its constraints leave no token, or finding out
    /// takes more than the limits allow.
    case cannotGoOn(choice: Int, reason: String)
    /// The model is an encoder, and the request is for text.
    case cannotGenerate
    /// Too many requests wait.
    case overloaded(String)
    /// The server is shutting down.
    case shuttingDown
    /// Nobody waits for the result any more.
    case cancelled
    /// The engine failed.
    case engine(String)

    /// What is wrong, for a person.
    public var description: String {
        switch self {
        case .template(let error): error.description
        case .noChatTemplate:
            "the model has no chat template; start the server with --chat_template, or use /v1/completions"
        case .emptyPrompt: "prompt must contain at least 1 token"
        case .tokenOutOfRange(let field, let token, let size):
            "\(field): token ID \(token) out of vocabulary range [0, \(size))"
        case .promptTooLong(let prompt, let limit):
            // Clients of OpenAI's look for the first sentence.
            "This model's maximum context length is \(limit) tokens. However, your prompt has at least \(prompt) tokens, "
                + "and what is generated counts too. Please shorten the prompt."
        case .outOfRange(let field, let value, let allowed): "\(field) is \(value), but must be \(allowed)"
        case .constraint(let field, let reason): "\(field): \(reason)"
        case .cannotGoOn(let choice, let reason): "choice \(choice) can't go on: \(reason)"
        case .cannotGenerate: EngineError.cannotGenerate.description
        case .overloaded(let reason): reason
        case .shuttingDown: "the server is shutting down"
        case .cancelled: "the request was cancelled"
        case .engine(let reason): "the engine failed: \(reason)"
        }
    }
}
