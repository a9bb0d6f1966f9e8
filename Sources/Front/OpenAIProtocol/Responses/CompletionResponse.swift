/// The body of a completion that isn't streamed; every declared key is there, `null` where empty.
public struct CompletionResponse: Sendable {
    /// One continuation of one prompt.
    public struct Choice: Sendable {
        /// Its text, after the prompt's when that is echoed.
        public var text = ""
        /// The ids generated, when no text was asked for.
        public var tokenIDs: [Int32]?
        /// One report per token, when asked for.
        public var scores: [TokenScores]?
        /// Logits of the prompt's positions, `[prompt tokens][vocabulary]`, when asked for.
        public var contextLogits: [[Float]]?
        /// How it ended.
        public var finish: ChoiceFinish?

        /// An empty continuation.
        public init() {}
    }

    /// What the answer says about itself.
    public var identity: ResponseIdentity
    /// The continuations, prompt by prompt; the index is their place.
    public var choices: [Choice]
    /// Whether reports carry alternatives.
    public var hasTopScores: Bool
    /// Token counts over all prompts.
    public var usage: Usage
    /// The seed used, the request's or the one drawn.
    public var seed: UInt64

    /// An answer.
    public init(identity: ResponseIdentity, choices: [Choice], hasTopScores: Bool, usage: Usage, seed: UInt64) {
        self.identity = identity
        self.choices = choices
        self.hasTopScores = hasTopScores
        self.usage = usage
        self.seed = seed
    }

    /// The body as JSON.
    public var serialized: [UInt8] {
        var bytes: [UInt8] = []
        identity.appendHead(object: "text_completion", to: &bytes)
        bytes.put(list: choices.enumerated()) { append($1.element, index: $1.offset, to: &$0) }
        bytes.put(",\"usage\":")
        usage.append(to: &bytes)
        bytes.put(",\"prompt_token_ids\":[],\"seed\":")
        bytes.put(integer: seed)
        bytes.put("}")
        return bytes
    }

    private func append(_ choice: Choice, index: Int, to bytes: inout [UInt8]) {
        bytes.put("{\"index\":")
        bytes.put(integer: index)
        bytes.put(",\"text\":")
        bytes.put(string: choice.text)
        bytes.put(",\"token_ids\":")
        bytes.put(optional: choice.tokenIDs) { $0.put(integers: $1) }
        bytes.put(",\"logprobs\":")
        bytes.put(optional: choice.scores) { bytes, scores in
            var offset = 0
            CompletionLogProbabilities.append(scores, offset: &offset, hasTop: hasTopScores, to: &bytes)
        }
        bytes.put(",\"context_logits\":")
        bytes.put(optional: choice.contextLogits) { bytes, rows in
            bytes.put(list: rows) { bytes, row in
                bytes.put(list: row) { $0.append(contentsOf: ($1.isFinite ? $1 : 0).description.utf8) }
            }
        }
        bytes.put(",")
        bytes.put(finish: choice.finish)
        bytes.put(",\"disaggregated_params\":null}")
    }
}
