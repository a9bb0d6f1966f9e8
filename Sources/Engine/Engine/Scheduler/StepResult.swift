/// What came of an iteration: the tokens chosen, for each slice of the plan one for each of its choices.
package struct StepResult: Sendable {
    /// A chosen token.
    package struct Token: Sendable {
        /// The token.
        package var id: Int32
        /// Its log-probabilities, when the request asked for them.
        package var logProbabilities: PositionLogProbabilities?

        /// A chosen token.
        package init(id: Int32, logProbabilities: PositionLogProbabilities? = nil) {
            self.id = id
            self.logProbabilities = logProbabilities
        }
    }

    /// `[slices][choices of the slice]`.
    package var tokens: [[Token]]

    /// The result of an iteration.
    package init(tokens: [[Token]]) {
        self.tokens = tokens
    }
}
