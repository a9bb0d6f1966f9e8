internal import GuidedDecoding

/// What one row of an iteration's logits is wanted for; a value, so that any worker can see to it.
struct LogitUse: Sendable {
    /// Why the row was computed.
    enum Purpose: Sendable {
        /// To choose the next token of a choice that has `outputCount`.
        case token(choice: Int, outputCount: Int)
        /// To find the best `count` ways to go on for the beam in a choice's place, which has `outputCount` tokens.
        case candidates(Int, choice: Int, outputCount: Int)
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
    /// Where the choice stands whose token is to be chosen; its owner lends it, so that it is changed in place.
    var progress: ChoiceProgress?
}

extension LiveRequest {
    /// Appends the uses of a slice's rows, the first of which is `firstRow`, in the order of the rows.
    ///
    /// What chooses tokens is lent out until `take` gets it back.
    mutating func appendUses(of slice: StepPlan.Slice, firstRow: Int, to uses: inout [LogitUse]) {
        let rows = slice.logitRows
        for (row, offset) in rows.enumerated() where slice.promptRows.contains(offset) {
            let next = slice.position + offset + 1
            if let alternatives = request.promptLogProbabilities, next < request.promptTokens.count {
                let purpose = LogitUse.Purpose.score(next: request.promptTokens[next], alternatives: alternatives)
                uses.append(LogitUse(row: firstRow + row, request: request, purpose: purpose))
            }
            if request.returnContextLogits {
                uses.append(LogitUse(row: firstRow + row, request: request, purpose: .logits))
            }
        }
        for choice in slice.choices {
            let purpose =
                beams.map { .candidates($0.candidateCount, choice: choice, outputCount: slice.outputCount) }
                ?? LogitUse.Purpose.token(choice: choice, outputCount: slice.outputCount)
            var use = LogitUse(row: firstRow + rows.count - 1, request: request, purpose: purpose)
            swap(&use.progress, &choices[choice])
            uses.append(use)
        }
    }

    /// Takes in what was read for a use, and what was lent for it.
    ///
    /// - Returns: what a choice grows by, if it was read for one.
    mutating func take(_ reading: LogitReading, of use: inout LogitUse) -> StepResult.Run? {
        switch use.purpose {
        case .token(let choice, _), .candidates(_, let choice, _): swap(&use.progress, &choices[choice])
        case .score, .logits: break
        }
        switch reading {
        case .candidates(let candidates, let choice): beams?.take(candidates, of: choice)
        case .run(let run): return run
        case .score(let score): promptLogProbabilities.append(score)
        case .logits(let row): contextLogits.append(row)
        }
        return nil
    }
}

extension LiveRequest {
    /// Lets its beams grow once their rows are read; what each has produced goes with it.
    mutating func advanceBeams(_ id: UInt64) -> BeamStep? {
        let request = request
        guard let step = beams?.advance(id, request) else { return nil }
        let before = choices
        for move in step.moves {
            choices[move.choice] = before[move.parent]
            choices[move.choice]?.history.record(move.token)
            // Only what it allows was a candidate, but what that leads to may take more than the limits allow.
            if choices[move.choice]?.matcher?.advance(move.token) == false { choices[move.choice]?.isLost = true }
        }
        return step
    }
}

/// What came of one use of a row.
enum LogitReading: Sendable {
    case run(StepResult.Run)
    case candidates([BeamSearch.Candidate], choice: Int)
    case score(PositionLogProbabilities)
    case logits([Float])
}
