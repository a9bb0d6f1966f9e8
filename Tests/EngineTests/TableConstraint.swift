import GuidedDecoding

/// A constraint given as a table: in each state the tokens that may come and the states they lead to.
struct TableConstraint: TokenConstraint {
    /// `[states]`: token -> next state.
    var states: [[Int32: Int]]
    /// The states in which the output may end.
    var ends: Set<Int>

    func makeMatcher() -> any TokenMatcher { TableMatcher(table: self) }

    /// The same tokens in a row, and then the end.
    static func sequence(_ tokens: [Int32]) -> TableConstraint {
        TableConstraint(states: tokens.enumerated().map { [$1: $0 + 1] } + [[:]], ends: [tokens.count])
    }

    /// Some states, many of them with one way out, the last with none.
    static func random(seed: UInt64, vocabularySize: Int, stateCount: Int = 12) -> TableConstraint {
        var generator = SeededGenerator(seed)
        var states: [[Int32: Int]] = []
        for state in 0..<stateCount - 1 {
            let ways = Int.random(in: 0..<3, using: &generator) == 0 ? Int.random(in: 2...9, using: &generator) : 1
            var next: [Int32: Int] = [:]
            for _ in 0..<ways {
                let token = Int32.random(in: 0..<Int32(vocabularySize), using: &generator)
                // Backwards now and then, so that outputs get long.
                let back = Int.random(in: 0..<4, using: &generator) == 0
                next[token] = back ? Int.random(in: 0...state, using: &generator) : state + 1
            }
            states.append(next)
        }
        return TableConstraint(states: states + [[:]], ends: [stateCount - 1, stateCount / 2])
    }

    /// Whether tokens lead somewhere, and whether they may end there.
    func take(_ tokens: some Sequence<Int32>) -> (isAllowed: Bool, mayEnd: Bool) {
        var state = 0
        for token in tokens {
            guard let next = states[state][token] else { return (false, false) }
            state = next
        }
        return (true, ends.contains(state))
    }
}

private struct TableMatcher: TokenMatcher {
    let table: TableConstraint
    var state = 0

    var isComplete: Bool { table.ends.contains(state) }

    var failure: String? { nil }

    mutating func allow(_ mask: inout TokenMask) {
        for token in table.states[state].keys { mask[token] = true }
    }

    mutating func advance(_ token: Int32) -> Bool {
        guard let next = table.states[state][token] else { return false }
        state = next
        return true
    }

    /// Also past states in which the output may end: it is the engine's to stop there.
    mutating func forced(limit: Int) -> [Int32] {
        var tokens: [Int32] = []
        var state = state
        while tokens.count < limit, table.states[state].count == 1, let (token, next) = table.states[state].first {
            tokens.append(token)
            state = next
        }
        return tokens
    }
}
