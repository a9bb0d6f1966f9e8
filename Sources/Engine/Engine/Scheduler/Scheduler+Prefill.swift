/// How much of which prompts an iteration computes.
extension Scheduler {
    /// Rows of prompt logits one request may have in an iteration; each row is as wide as the vocabulary.
    static let promptLogitRows = 64
    /// How far an iteration that decodes may exceed its goal so that prompts get their share: else with many streams
    /// prompts would be computed so slowly that soon there were few streams.
    static let largestExcess = 2.0

    /// What the running sequences that decode will compute.
    var decodingLoad: StepLoad {
        var load = StepLoad()
        for sequence in running where sequence.isDecoding && !sequence.isLeftOut {
            load.addDecoding(sequence.remaining, from: sequence.computed)
        }
        return load
    }

    /// How many tokens each running sequence computes in this iteration.
    func shares() -> [Int] {
        var shares = [Int](repeating: 0, count: running.count)
        // Everybody has one; runs of forced tokens take of what is left.
        var spare = configuration.maxNumTokens - running.count { !$0.isLeftOut }
        for position in running.indices where running[position].isDecoding && !running[position].isLeftOut {
            shares[position] = min(running[position].remaining, 1 + spare)
            spare -= shares[position] - 1
        }
        let prefilling = running.indices.filter { !running[$0].isDecoding && !running[$0].isLeftOut }
        guard !prefilling.isEmpty else { return shares }
        let most = spare + prefilling.count
        let isChunked =
            configuration.enableChunkedPrefill
            || prefilling.contains { running[$0].remaining > configuration.maxNumTokens }
        // A prompt whose logits are reported is cut in any case: its rows of logits need memory.
        let remaining = prefilling.map { position in
            let sequence = running[position]
            return sequence.reportsLogits ? min(sequence.remaining, Self.promptLogitRows) : sequence.remaining
        }
        let rows = prefillRows(prefilling)
        let parts =
            isChunked
            ? PrefillShare.shares(
                remaining: remaining,
                groups: prefilling.map { running[$0].group },
                budget: min(most, rows)
            )
            : PrefillShare.wholeShares(remaining: remaining, budget: min(most, max(remaining[0], rows)))
        for (position, part) in zip(prefilling, parts) { shares[position] = part }
        return shares
    }

    /// How many rows of prompts fit the time and the tokens that the configuration grants an iteration.
    private func prefillRows(_ prefilling: [Int]) -> Int {
        let load = decodingLoad
        let isAlone = load.decodingRows == 0
        let costs = prefilling.map { position in
            let sequence = running[position]
            return self.costs.rowSeconds(context: sequence.computed, isReported: sequence.reportsLogits)
        }
        // The oldest gets half of the rows; none of the others costs more than the dearest.
        let others = costs.dropFirst().max() ?? costs[0]
        let rows = self.costs.rows(
            within: isAlone
                ? configuration.iterationSeconds : secondsBesideDecoding(load, prefilling: prefilling.count),
            beside: load,
            rowSeconds: (costs[0] + others) / 2,
        )
        return min(rows, isAlone ? configuration.prefillTokens : configuration.prefillTokensBesideDecoding)
    }

    /// How long an iteration may take that decodes `load` beside some prompts: so long that prompts get half of it, or as
    /// large a share of it as they have of the sequences, within bounds.
    private func secondsBesideDecoding(_ load: StepLoad, prefilling: Int) -> Double {
        let goal = configuration.iterationSecondsBesideDecoding
        let share = 1 + Double(max(load.decodingRows, prefilling)) / Double(load.decodingRows)
        return max(goal, min(goal * Self.largestExcess, share * costs.seconds(load)))
    }
}
