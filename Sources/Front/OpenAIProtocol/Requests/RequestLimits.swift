/// Bounds on what one request may ask for, whatever the model; each has an option of the command line.
public struct RequestLimits: Sendable, Hashable {
    /// Most choices per prompt, `n` and `best_of`.
    public var choices = 128
    /// Most prompts of one completion request.
    public var prompts = 1024
    /// Most choices of one request: its prompts, times the choices of each.
    public var totalChoices = 1024
    /// Most alternatives per token in log-probabilities that a request may ask for by their number.
    public var logProbabilities = 20
    /// Most stop strings.
    public var stopStrings = 64
    /// Most bytes of all stop strings together.
    public var stopBytes = 16 << 10
    /// Most ids in `stop_token_ids`.
    public var stopTokenIDs = 256
    /// Most entries of `logit_bias`.
    public var logitBiases = 4096
    /// Longest `model`, in bytes; it comes back in every chunk.
    public var modelNameBytes = 256
    /// Most bytes of logits that one answer may hold: prompt tokens, times the vocabulary, times 4.
    public var logitBytes = 256 << 20
    /// Most tools of one request.
    public var tools = 128
    /// Most bytes of all tools' descriptions together, as JSON.
    public var toolBytes = 1 << 20
    /// Most bytes of a grammar's or a schema's source.
    public var grammarBytes = 1 << 20
    /// Whether a request may bring a chat template of its own.
    public var allowsChatTemplate = false

    /// The defaults.
    public init() {}
}
