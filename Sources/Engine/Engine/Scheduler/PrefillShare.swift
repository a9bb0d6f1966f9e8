/// How the prefill tokens of one iteration are shared among prompts.
package enum PrefillShare {
    /// Shares `budget` tokens among prompts that still need `remaining` tokens, oldest first.
    ///
    /// Half goes to the oldest, so that nobody waits for ever; the rest to the shortest first, so that a short prompt
    /// isn't stuck behind a long one, and in turns: every group's first before any group's second. What is left over goes
    /// back to the oldest.
    package static func shares(remaining: [Int], groups: [some Hashable], budget: Int) -> [Int] {
        var shares = [Int](repeating: 0, count: remaining.count)
        guard let oldest = remaining.first, budget > 0 else { return shares }
        shares[0] = min(oldest, remaining.count == 1 ? budget : (budget + 1) / 2)
        var left = budget - shares[0]
        for position in inTurns(remaining, groups) {
            guard left > 0 else { break }
            shares[position] = min(remaining[position], left)
            left -= shares[position]
        }
        shares[0] += min(oldest - shares[0], left)
        return shares
    }

    /// All positions but the oldest's: each group's shortest, then each group's second shortest, and so on.
    private static func inTurns(_ remaining: [Int], _ groups: [some Hashable]) -> [Int] {
        let shortestFirst = remaining.indices.dropFirst().sorted { (remaining[$0], $0) < (remaining[$1], $1) }
        guard let first = groups.first, groups.contains(where: { $0 != first }) else { return shortestFirst }
        // The oldest has had its turn.
        var turns = [first: 1]
        let order = shortestFirst.enumerated().map { rank, position in
            let turn = turns[groups[position], default: 0]
            turns[groups[position]] = turn + 1
            return (turn, rank, position)
        }
        return order.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
    }

    /// Shares `budget` tokens where a prompt is computed whole or not at all, oldest first without overtaking.
    package static func wholeShares(remaining: [Int], budget: Int) -> [Int] {
        var left = budget
        return remaining.map { need in
            left = need <= left ? left - need : -1
            return left < 0 ? 0 : need
        }
    }
}
