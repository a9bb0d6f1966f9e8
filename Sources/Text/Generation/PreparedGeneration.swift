public import Tokenization

/// A request that has passed every check that doesn't need the engine: its prompt is rendered and tokenized, its
/// limits hold.
public struct PreparedGeneration: Sendable {
    /// The request it was made from.
    public let request: GenerationRequest
    /// The prompt as the model sees it; at least one token.
    public let promptTokens: [TokenID]
    /// The prompt as text, for `echo`: the text given, the chat rendered, or the ids decoded.
    public let promptText: String?
    /// Most tokens to generate, after the cut to what fits the longest sequence; at least one.
    public let maxTokens: Int
    /// The request's seed, or the one drawn for it.
    public let seed: UInt64

    /// A request with its prompt as tokens.
    public init(
        request: GenerationRequest,
        promptTokens: [TokenID],
        promptText: String?,
        maxTokens: Int,
        seed: UInt64,
    ) {
        self.request = request
        self.promptTokens = promptTokens
        self.promptText = promptText
        self.maxTokens = maxTokens
        self.seed = seed
    }
}
