/// Joins the pieces of each choice so that one comes per so many tokens (`stream_interval`).
///
/// The first token is never held, so the wait for it stays as short as it is; the last piece comes with the finish.
package struct PieceCoalescer: Sendable {
    private let interval: Int
    private var held: [GenerationPiece?]
    private var counts: [Int]

    /// Joins `interval` tokens; 1 joins nothing.
    package init(interval: Int, choices: Int) {
        self.interval = interval
        held = Array(repeating: nil, count: choices)
        counts = Array(repeating: 0, count: choices)
    }

    /// The events to pass on.
    package mutating func pass(_ events: [GenerationEvent]) -> [GenerationEvent] {
        if interval <= 1 { return events }
        var passed: [GenerationEvent] = []
        for event in events {
            switch event {
            case .piece(let piece, let count):
                let joined = join(piece, count: count)
                if count == 1 || count % interval == 0 || piece.endsChoice {
                    held[piece.choice] = nil
                    passed.append(.piece(joined, completionTokens: count))
                }
            case .finished(let choice, _, _):
                if var piece = held[choice] {
                    held[choice] = nil
                    piece.endsChoice = true
                    passed.append(.piece(piece, completionTokens: counts[choice]))
                }
                passed.append(event)
            case .started, .promptReports, .contextLogits, .usage:
                passed.append(event)
            }
        }
        return passed
    }

    private mutating func join(_ piece: GenerationPiece, count: Int) -> GenerationPiece {
        var joined = held[piece.choice] ?? GenerationPiece(choice: piece.choice, text: "")
        joined.text += piece.text
        joined.tokens += piece.tokens
        joined.reports += piece.reports
        joined.endsChoice = piece.endsChoice
        held[piece.choice] = joined
        counts[piece.choice] = count
        return joined
    }
}
