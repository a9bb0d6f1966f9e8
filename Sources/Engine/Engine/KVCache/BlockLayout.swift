package import Models

/// How many blocks tokens take: a sequence has a row of them for each `tokensPerBlock` tokens, in it one for each group.
package struct BlockLayout: Sendable {
    /// Tokens of one block.
    package let tokensPerBlock: Int
    /// The groups, those first that keep everything.
    package let groups: [KVGroup]
    /// Most tokens of one sequence that an iteration computes.
    package let longestChunk: Int
    /// How many groups keep everything.
    package let keepingCount: Int
    /// The different windows, and how many groups have each.
    private let windows: [(size: Int, count: Int)]

    /// A layout of blocks.
    package init(tokensPerBlock: Int, groups: [KVGroup], longestChunk: Int) {
        self.tokensPerBlock = tokensPerBlock
        self.groups = groups
        self.longestChunk = longestChunk
        keepingCount = groups.count { $0.window == 0 }
        let sizes = Dictionary(grouping: groups.filter { $0.window > 0 }, by: \.window)
        windows = sizes.map { ($0.key, $0.value.count) }.sorted { $0.size > $1.size }
    }

    /// The layout of an engine's blocks.
    package init(_ configuration: EngineConfiguration, groups: [KVGroup]) {
        let cut = max(configuration.prefillTokens, configuration.prefillTokensBesideDecoding)
        self.init(
            tokensPerBlock: configuration.tokensPerBlock,
            groups: groups,
            longestChunk: configuration.enableChunkedPrefill
                ? min(configuration.maxNumTokens, cut) : configuration.maxNumTokens
        )
    }

    /// How many groups have a window.
    package var windowedCount: Int { groups.count - keepingCount }

    /// How many rows hold `tokens` tokens.
    package func rows(holding tokens: Int) -> Int { tokens > 0 ? (tokens - 1) / tokensPerBlock + 1 : 0 }

    /// The first row that is looked at behind `computed` tokens.
    package func firstRow(_ group: KVGroup, computed: Int) -> Int { group.firstSeen(from: computed) / tokensPerBlock }

    /// The most blocks that a sequence holds at once until it has `length` tokens, `remaining` of which are to be computed
    /// before the next one is chosen; the largest number when there is none.
    ///
    /// In a group with a window those are the window's, and the blocks of the tokens that are computed together.
    package func mostBlocks(length: Int, remaining: Int) -> Int {
        let rows = rows(holding: length)
        let chunk = max(1, min(remaining, longestChunk))
        return windows.reduce(Self.product(rows, keepingCount)) { sum, window in
            let (seen, overflow) = (window.size - 1).addingReportingOverflow(chunk)
            let held = overflow ? rows : min(rows, mostRows(consecutive: seen))
            let (blocks, isTooMany) = sum.addingReportingOverflow(Self.product(held, window.count))
            return isTooMany ? .max : blocks
        }
    }

    /// The same of `count` sequences together that share the full blocks of a beginning of `shared` tokens; those of windows
    /// they share for a while only.
    package func mostBlocks(length: Int, remaining: Int, count: Int, shared: Int) -> Int {
        let one = mostBlocks(length: length, remaining: remaining)
        let others = Self.product(count - 1, one - shared / tokensPerBlock * keepingCount)
        let (sum, overflow) = one.addingReportingOverflow(others)
        return overflow ? .max : sum
    }

    /// Rows that so many consecutive tokens lie in at most: the first may be alone in its row.
    private func mostRows(consecutive tokens: Int) -> Int { tokens < 2 ? tokens : (tokens - 2) / tokensPerBlock + 2 }

    private static func product(_ left: Int, _ right: Int) -> Int {
        let (product, overflow) = left.multipliedReportingOverflow(by: right)
        return overflow ? .max : product
    }
}
