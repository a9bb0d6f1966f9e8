/// The body of a completion that isn't streamed; every declared key is there, `null` where empty.
public struct CompletionResponse: Sendable {
    /// One continuation of one prompt.
    public struct Choice: Sendable {
        /// Its text, after the prompt's when that is echoed.
        public var text = ""
        /// The ids generated, when they or no text was asked for.
        public var tokenIDs: [Int32]?
        /// One report per token, when asked for.
        public var scores: [TokenScores]?
        /// The prompt's tokens with their log-probabilities and the most probable ones beside them, `nil` for the first; when
        /// asked for.
        public var promptScores: [[RankedToken]?]?
        /// The prompt's tokens, when asked for.
        public var promptTokenIDs: [Int32]?
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
    /// Token counts over all prompts.
    public var usage: Usage
    /// The seed used, the request's or the one drawn.
    public var seed: UInt64

    /// An answer.
    public init(identity: ResponseIdentity, choices: [Choice], usage: Usage, seed: UInt64) {
        self.identity = identity
        self.choices = choices
        self.usage = usage
        self.seed = seed
    }

    /// The body as JSON.
    public func serialized() async -> [UInt8] {
        var bytes: [UInt8] = []
        await append(to: &bytes) { _ in }
        return bytes
    }

    /// Appends the body as JSON to a buffer that may be emptied after each row of context logits.
    ///
    /// With logits a body is many times as large as everything else a request causes: it need never be there as a whole.
    public func append(
        to bytes: inout [UInt8],
        afterRow flush: (inout [UInt8]) async throws -> Void,
    ) async rethrows {
        identity.appendHead(object: "text_completion", to: &bytes)
        bytes.put("[")
        for (index, choice) in choices.enumerated() {
            if index > 0 { bytes.put(",") }
            appendOutput(of: choice, index: index, to: &bytes)
            bytes.put(",\"context_logits\":")
            if let rows = choice.contextLogits {
                try await Self.append(rows, to: &bytes, afterRow: flush)
            } else {
                bytes.put("null")
            }
            bytes.put(",")
            bytes.put(finish: choice.finish)
            bytes.put(",\"disaggregated_params\":null}")
        }
        bytes.put("],\"usage\":")
        usage.append(to: &bytes)
        bytes.put(",\"prompt_token_ids\":[],\"seed\":")
        bytes.put(integer: seed)
        bytes.put("}")
    }

    private func appendOutput(of choice: Choice, index: Int, to bytes: inout [UInt8]) {
        bytes.put("{\"index\":")
        bytes.put(integer: index)
        bytes.put(",\"text\":")
        bytes.put(string: choice.text)
        bytes.put(",\"token_ids\":")
        bytes.put(optional: choice.tokenIDs) { $0.put(integers: $1) }
        bytes.put(",\"logprobs\":")
        bytes.put(optional: choice.scores) { bytes, scores in
            var offset = 0
            CompletionLogProbabilities.append(scores, offset: &offset, to: &bytes)
        }
        PromptLogProbabilities.append(choice.promptScores, to: &bytes)
        bytes.put(promptTokenIDs: choice.promptTokenIDs)
    }

    private static func append(
        _ rows: [[Float]],
        to bytes: inout [UInt8],
        afterRow flush: (inout [UInt8]) async throws -> Void,
    ) async rethrows {
        bytes.put("[")
        for (index, row) in rows.enumerated() {
            if index > 0 { bytes.put(",") }
            bytes.put(list: row) { $0.append(contentsOf: ($1.isFinite ? $1 : 0).description.utf8) }
            try await flush(&bytes)
        }
        bytes.put("]")
    }
}
