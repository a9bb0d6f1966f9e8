/// How the prefill tokens of one iteration are shared among prompts.
package enum PrefillShare {
    /// Shares `budget` tokens among prompts that still need `remaining` tokens, oldest first.
    ///
    /// Half goes to the oldest, so that nobody waits for ever; the rest to the shortest first, so that a short prompt
    /// isn't stuck behind a long one; what is left over goes back to the oldest.
    package static func shares(remaining: [Int], budget: Int) -> [Int] {
        var shares = [Int](repeating: 0, count: remaining.count)
        guard let oldest = remaining.first, budget > 0 else { return shares }
        shares[0] = min(oldest, remaining.count == 1 ? budget : (budget + 1) / 2)
        var left = budget - shares[0]
        let shortestFirst = remaining.indices.dropFirst().sorted { (remaining[$0], $0) < (remaining[$1], $1) }
        for position in shortestFirst {
            shares[position] = min(remaining[position], left)
            left -= shares[position]
        }
        shares[0] += min(oldest - shares[0], left)
        return shares
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
