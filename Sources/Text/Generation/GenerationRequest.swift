public import GuidedDecoding
public import Models
public import OrderedJSON
public import RequestParameters
public import Tokenization

/// A chat to be rendered by the model's template.
public struct ChatPrompt: Sendable {
    /// The messages as they came (`role`, `content`, `tool_calls`, ...); list contents are reduced to text already.
    public var messages: [JSONValue]
    /// Tools in OpenAI's shape, when the request has any.
    public var tools: [JSONValue]?
    /// Documents for retrieval templates.
    public var documents: [JSONValue]?
    /// Whether the template opens the assistant's turn.
    public var addGenerationPrompt = true
    /// Whether the last message is left open, to be continued; then the template opens no turn.
    public var continuesFinalMessage = false
    /// A template of the request's own, instead of the model's.
    public var template: String?
    /// Further template variables.
    public var templateVariables = JSONObject()

    /// A chat of messages.
    public init(messages: [JSONValue]) { self.messages = messages }
}

/// What a request continues.
public enum GenerationPrompt: Sendable {
    /// Plain text.
    case text(String)
    /// Token ids, used as given.
    case tokens([TokenID])
    /// A chat.
    case chat(ChatPrompt)
}

/// One request at text level: a prompt, how to sample, when to stop, what to report.
///
/// Already validated; ranges hold.
public struct GenerationRequest: Sendable {
    /// What to continue.
    public var prompt: GenerationPrompt
    /// What comes behind a gap at the end of a text prompt, which is to be filled in; `nil` for a plain prompt.
    public var suffix: String?
    /// Whether the tokenizer adds BOS and the like to a text prompt; `nil` is the default: text yes, chat no.
    public var addSpecialTokens: Bool?
    /// Keep only this many tokens at the prompt's end.
    public var truncatePromptTokens: Int?
    /// Most tokens to generate; `nil` is as many as fit.
    public var maxTokens: Int?
    /// Fewest tokens before any stop.
    public var minTokens = 0
    /// Only requests with the same salt share prefixes in the KV cache.
    public var cacheSalt: String?

    /// What is added to the model's products.
    public var adapter: Adapter?

    /// How tokens are chosen; without a seed the pipeline draws one and reports it.
    public var sampling = SamplingParameters()
    /// Texts that the output isn't to contain; tokens are ruled out that would complete one, cut as it is cut alone or behind
    /// a space.
    public var badWords: [String] = []
    /// What the answer has to obey, and the field that says so; thoughts in front are free.
    public var grammar: (source: GrammarSource, field: String)?
    /// What the tokens of the output have to obey, such as a grammar.
    public var constraint: (any TokenConstraint)?
    /// The client's request that this is a part of, such as one prompt of many: its parts take turns as one.
    public var group: UInt64?

    /// How many choices are returned.
    public var n = 1
    /// How many are generated; the `n` with the highest cumulative log-probability are returned.
    public var bestOf = 1
    /// How to look for the most probable choices instead of drawing them: then the best `n` of so many beams are returned, and
    /// all at the end.
    public var beams: BeamSearchParameters?

    /// Texts that end a choice, matched on text.
    public var stop = StopStrings()
    /// Tokens that end a choice.
    public var stopTokenIDs: [TokenID] = []
    /// Whether what stopped a choice stays in its text.
    public var includeStopInOutput = false
    /// Whether end-of-sequence tokens are tokens like others.
    public var ignoreEOS = false
    /// Whether control tokens contribute no text.
    public var skipSpecialTokens = true
    /// Whether spaces separate control tokens shown as text, for tokenizers that tell the difference.
    public var spacesBetweenSpecialTokens = true
    /// The tools that the answer may call; `nil` when calls aren't looked for.
    public var tools: ToolUse?
    /// Whether thoughts are told from the answer, where the model marks them.
    public var separatesReasoning = false
    /// Most tokens of thoughts; `nil` is no limit.
    public var thinkingTokenBudget: Int?
    /// Whether text is produced at all; without, pieces carry token ids only.
    public var detokenize = true

    /// Log-probabilities with this many alternatives (0: the chosen token only); `nil` for none.
    public var logProbabilities: Int?
    /// The prompt's log-probabilities with this many alternatives; `nil` for none.
    public var promptLogProbabilities: Int?
    /// Report the logits of the prompt's positions.
    public var returnContextLogits = false

    /// A request with defaults for all but the prompt.
    public init(prompt: GenerationPrompt) { self.prompt = prompt }
}
