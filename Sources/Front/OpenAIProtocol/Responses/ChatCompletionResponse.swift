/// The body of a chat answer that isn't streamed; what is empty is `null`, but `tool_calls` only appears with some.
public struct ChatCompletionResponse: Sendable {
    /// One reply.
    public struct Choice: Sendable {
        /// Its text.
        public var text = ""
        /// One report per token, when asked for.
        public var scores: [TokenScores]?
        /// How it ended.
        public var finish: ChoiceFinish?

        /// An empty reply.
        public init() {}
    }

    /// What the answer says about itself.
    public var identity: ResponseIdentity
    /// The role of the replies.
    public var role: String
    /// The replies; the index is their place.
    public var choices: [Choice]
    /// Token counts.
    public var usage: Usage
    /// The seed used, the request's or the one drawn.
    public var seed: UInt64

    /// An answer.
    public init(identity: ResponseIdentity, role: String, choices: [Choice], usage: Usage, seed: UInt64) {
        self.identity = identity
        self.role = role
        self.choices = choices
        self.usage = usage
        self.seed = seed
    }

    /// The body as JSON.
    public var serialized: [UInt8] {
        var bytes: [UInt8] = []
        identity.appendHead(object: "chat.completion", to: &bytes)
        bytes.put(list: choices.enumerated()) { bytes, entry in
            let (index, choice) = entry
            bytes.put("{\"index\":")
            bytes.put(integer: index)
            bytes.put(",\"message\":{\"role\":")
            bytes.put(string: role)
            bytes.put(",\"content\":")
            bytes.put(string: choice.text)
            bytes.put(",\"reasoning_content\":null},\"logprobs\":")
            bytes.put(optional: choice.scores) { ChatLogProbabilities.append($1, to: &$0) }
            bytes.put(",")
            bytes.put(finish: choice.finish)
            bytes.put(",\"disaggregated_params\":null}")
        }
        bytes.put(",\"usage\":")
        usage.append(to: &bytes)
        bytes.put(",\"prompt_token_ids\":null,\"seed\":")
        bytes.put(integer: seed)
        bytes.put("}")
        return bytes
    }
}
