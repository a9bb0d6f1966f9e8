/// Joins the pieces of each choice so that one comes per so many tokens (`stream_interval`).
///
/// Every token is a piece, though its text may still be held back. The first is never held, so the wait for it stays as short as it is; the last piece comes with the finish.
package struct PieceCoalescer: Sendable {
    private let interval: Int
    private var held: [(piece: GenerationPiece, completionTokens: Int)?]
    /// Tokens of each choice so far.
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
            guard case .piece(let piece, let completionTokens) = event else {
                passed.append(event)
                continue
            }
            // An end alone is no token.
            counts[piece.choice] += piece.finish != nil && piece.tokens.isEmpty ? 0 : 1
            let count = counts[piece.choice]
            let joined = join(piece)
            if count == 1 || count % interval == 0 || piece.finish != nil {
                held[piece.choice] = nil
                passed.append(.piece(joined, completionTokens: completionTokens))
            } else {
                held[piece.choice] = (joined, completionTokens)
            }
        }
        return passed
    }

    private func join(_ piece: GenerationPiece) -> GenerationPiece {
        guard var joined = held[piece.choice]?.piece else { return piece }
        for delta in piece.deltas { joined.deltas.appendJoined(delta) }
        joined.tokens += piece.tokens
        joined.reports += piece.reports
        joined.finish = piece.finish
        return joined
    }
}
