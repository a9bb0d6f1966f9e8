/// The body of a chat answer that isn't streamed; what is empty is `null`, but `tool_calls` only appears with some.
public struct ChatCompletionResponse: Sendable {
    /// One reply.
    public struct Choice: Sendable {
        /// Its text.
        public var text = ""
        /// The thoughts before it; `nil` for none.
        public var reasoning: String?
        /// The functions it calls.
        public var toolCalls: [ChatToolCall] = []
        /// One report per token, when asked for.
        public var scores: [TokenScores]?
        /// The ids of its tokens, when asked for.
        public var tokenIDs: [Int32]?
        /// How it ended.
        public var finish: ChoiceFinish?

        /// An empty reply.
        public init() {}

        /// Takes what the reply grows by.
        public mutating func append(_ delta: ChatDelta) {
            switch delta {
            case .content(let more): text += more
            case .reasoning(let more): reasoning = (reasoning ?? "") + more
            case .toolCall(_, let id, let name): toolCalls.append(ChatToolCall(id: id, name: name))
            case .toolArguments(let index, let more):
                if toolCalls.indices.contains(index) { toolCalls[index].arguments += more }
            }
        }
    }

    /// What the answer says about itself.
    public var identity: ResponseIdentity
    /// The role of the replies.
    public var role: String
    /// The replies; the index is their place.
    public var choices: [Choice]
    /// The prompt's tokens with their log-probabilities and the most probable ones beside them, `nil` for the first; when
    /// asked for.
    public var promptScores: [[RankedToken]?]?
    /// The prompt's tokens, when asked for.
    public var promptTokenIDs: [Int32]?
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
            bytes.put(optional: choice.text.isEmpty && !choice.toolCalls.isEmpty ? nil : choice.text) {
                $0.put(string: $1)
            }
            bytes.put(",\"reasoning_content\":")
            bytes.put(optional: choice.reasoning) { $0.put(string: $1) }
            if let reasoning = choice.reasoning {
                bytes.put(",\"reasoning\":")
                bytes.put(string: reasoning)
            }
            if !choice.toolCalls.isEmpty {
                bytes.put(",\"tool_calls\":")
                bytes.put(list: choice.toolCalls) { $1.append(to: &$0) }
            }
            bytes.put("},\"logprobs\":")
            bytes.put(optional: choice.scores) { ChatLogProbabilities.append($1, to: &$0) }
            bytes.put(",")
            bytes.put(finish: choice.finish)
            bytes.put(tokenIDs: choice.tokenIDs)
            bytes.put(",\"disaggregated_params\":null}")
        }
        bytes.put(",\"usage\":")
        usage.append(to: &bytes)
        PromptLogProbabilities.append(promptScores, to: &bytes)
        bytes.put(",\"prompt_token_ids\":")
        bytes.put(optional: promptTokenIDs) { $0.put(integers: $1) }
        bytes.put(",\"seed\":")
        bytes.put(integer: seed)
        bytes.put("}")
        return bytes
    }
}
