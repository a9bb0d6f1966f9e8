/// Token counts of an answer, `usage` on the wire.
public struct Usage: Sendable, Hashable {
    /// Tokens of the prompts.
    public var promptTokens: Int
    /// Tokens generated over all returned choices.
    public var completionTokens: Int
    /// How many of the prompts' tokens came from the cache.
    public var cachedTokens: Int

    /// Counts.
    public init(promptTokens: Int = 0, completionTokens: Int = 0, cachedTokens: Int = 0) {
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
        self.cachedTokens = cachedTokens
    }

    /// Tokens of the prompts and of the choices.
    public var totalTokens: Int { promptTokens + completionTokens }

    func append(to bytes: inout [UInt8]) {
        bytes.put("{\"prompt_tokens\":")
        bytes.put(integer: promptTokens)
        bytes.put(",\"total_tokens\":")
        bytes.put(integer: totalTokens)
        bytes.put(",\"completion_tokens\":")
        bytes.put(integer: completionTokens)
        bytes.put(",\"prompt_tokens_details\":{\"cached_tokens\":")
        bytes.put(integer: cachedTokens)
        bytes.put("}}")
    }
}
