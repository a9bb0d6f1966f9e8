/// What one row of an iteration's logits is wanted for; a value, so that any worker can see to it.
struct LogitUse: Sendable {
    /// Why the row was computed.
    enum Purpose: Sendable {
        /// To choose the next token of a choice that has `outputCount`.
        case token(choice: Int, history: TokenHistory, outputCount: Int)
        /// To report the log-probability of the prompt's next token.
        case score(next: Int32, alternatives: Int)
        /// To be reported itself.
        case logits
    }

    /// The row, counted over the whole batch.
    var row: Int
    /// Whose it is.
    var request: EngineRequest
    /// Why it was computed.
    var purpose: Purpose

    /// The uses of a slice's rows, the first of which is `firstRow`, in the order of the rows.
    static func list(_ slice: StepPlan.Slice, firstRow: Int, _ owner: LiveRequest) -> [LogitUse] {
        let request = owner.request
        var uses: [LogitUse] = []
        let rows = slice.logitRows
        for (row, offset) in rows.enumerated() where slice.promptRows.contains(offset) {
            let next = slice.position + offset + 1
            if let alternatives = request.promptLogProbabilities, next < request.promptTokens.count {
                let purpose = Purpose.score(next: request.promptTokens[next], alternatives: alternatives)
                uses.append(LogitUse(row: firstRow + row, request: request, purpose: purpose))
            }
            if request.returnContextLogits {
                uses.append(LogitUse(row: firstRow + row, request: request, purpose: .logits))
            }
        }
        for choice in slice.choices {
            let purpose = Purpose.token(
                choice: choice,
                history: owner.histories[choice],
                outputCount: slice.outputCount,
            )
            uses.append(LogitUse(row: firstRow + rows.count - 1, request: request, purpose: purpose))
        }
        return uses
    }
}

/// What came of one use of a row.
enum LogitReading: Sendable {
    case token(StepResult.Token)
    case score(PositionLogProbabilities)
    case logits([Float])
}
