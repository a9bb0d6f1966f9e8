/// Bounds on what one request may ask for, whatever the model.
public struct RequestLimits: Sendable, Hashable {
    /// Most choices per prompt, `n` and `best_of`.
    public var choices: Int
    /// Most prompts of one completion request.
    public var prompts: Int
    /// Most alternatives per token in log-probabilities.
    public var logProbabilities: Int

    /// Bounds, with the defaults.
    public init(choices: Int = 128, prompts: Int = 1024, logProbabilities: Int = 20) {
        self.choices = choices
        self.prompts = prompts
        self.logProbabilities = logProbabilities
    }
}
