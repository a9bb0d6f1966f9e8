/// Holds back all choices of a request until each has ended, then lets out the most probable ones.
///
/// Ranked by cumulative log-probability, as the reference does: not divided by length. Equal ones keep their order.
package struct BestOf: Sendable {
    private let returned: Int
    private var held: [[GenerationEvent]]

    /// Of `generated` choices, `returned` are let out.
    package init(returned: Int, generated: Int) {
        self.returned = returned
        held = Array(repeating: [], count: generated)
    }

    /// Keeps the events of a choice.
    package mutating func hold(_ events: [GenerationEvent]) {
        for event in events {
            if case .piece(let piece, _) = event { held[piece.choice].append(event) }
        }
    }

    /// Indices of the choices to return, best first.
    package func winners(_ choices: [ChoiceAssembler]) -> [Int] {
        let order = choices.indices.sorted { left, right in
            let (a, b) = (choices[left].cumulativeLogProbability, choices[right].cumulativeLogProbability)
            return a == b ? left < right : a > b
        }
        return Array(order.prefix(returned))
    }

    /// The events of the winners, numbered anew from 0 in order of rank; without reports nobody asked for.
    package func ranked(_ choices: [ChoiceAssembler], reportsTokens: Bool) -> [GenerationEvent] {
        winners(choices).enumerated().flatMap { rank, winner in
            held[winner].map { event in
                guard case .piece(var piece, let completionTokens) = event else { return event }
                piece.choice = rank
                if !reportsTokens { piece.reports = [] }
                return .piece(piece, completionTokens: completionTokens)
            }
        }
    }
}
