/// What came of an iteration: for each slice of the plan, what each of its choices grows by.
package struct StepResult: Sendable {
    /// A token of a choice.
    package struct Token: Sendable {
        /// The token.
        package var id: Int32
        /// Its log-probabilities, when the request asked for them.
        package var logProbabilities: PositionLogProbabilities?

        /// A token.
        package init(id: Int32, logProbabilities: PositionLogProbabilities? = nil) {
            self.id = id
            self.logProbabilities = logProbabilities
        }
    }

    /// Why a choice ends though no token ends it.
    package enum Ending: Sendable, Hashable {
        /// Its constraint is fulfilled, and nothing may follow.
        case complete
        /// Nothing may follow, and it may not end either.
        case failed(String)
    }

    /// What a choice grows by.
    package struct Run: Sendable {
        /// The token that was chosen; `nil` when none may come.
        package var first: Token?
        /// Tokens that follow it without being chosen.
        package var rest: [Token]
        /// Why the choice ends behind them, if it does.
        package var ending: Ending?

        /// A run of tokens.
        package init(first: Token? = nil, rest: [Token] = [], ending: Ending? = nil) {
            self.first = first
            self.rest = rest
            self.ending = ending
        }
    }

    /// `[slices][choices of the slice]`.
    package var runs: [[Run]]
    /// What becomes of requests' beams.
    package var beams: [BeamStep]

    /// The result of an iteration.
    package init(runs: [[Run]], beams: [BeamStep] = []) {
        self.runs = runs
        self.beams = beams
    }
}
