/// How sequences begin: with what the cache knows of them, or with what another one has.
extension KVCacheManager {
    /// What the cache knows of a sequence's beginning; valid until the cache next changes.
    package struct Match: Sendable {
        /// Full blocks that can be shared, `[rows][groups]`; in groups with a window those that the next token sees.
        package var blocks: [Int32] = []
        /// The prefix these blocks lead to.
        var prefix = PrefixIndex.root
        /// A row whose first `tokens` tokens come next, to be copied.
        var partial: (blocks: [Int32], tokens: Int)?
        /// How many of `blocks` are of groups that keep everything.
        package var keptCount = 0
        /// How many of those nobody uses now.
        package var availableCount = 0
        /// How many tokens needn't be computed.
        package var tokenCount = 0
    }

    /// Looks up the longest prefix of `tokens` that a namespace knows, of at most `limit` tokens, behind which every group
    /// has what the next token sees.
    package mutating func match(_ tokens: [Int32], limit: Int, in namespace: PrefixNamespace? = nil) -> Match {
        let root = root(of: namespace)
        var match = Match()
        match.prefix = root
        guard sharesPrefixes else { return match }
        var rows: [(blocks: [Int32], prefix: UInt64)] = []
        // How many of the last rows each group has without a gap.
        var runs = [Int](repeating: 0, count: layout.groups.count)
        var usable = 0
        while (rows.count + 1) * tokensPerBlock <= limit {
            let range = rows.count * tokensPerBlock..<(rows.count + 1) * tokensPerBlock
            guard let next = index.find(after: rows.last?.prefix ?? root, tokens[range]) else { break }
            rows.append(next)
            for group in runs.indices { runs[group] = next.blocks[group] == BlockTable.none ? 0 : runs[group] + 1 }
            if suffice(runs, rows: rows.count, computed: range.upperBound) { usable = rows.count }
        }
        let start = rows.count * tokensPerBlock
        let last = rows.last?.prefix ?? root
        if let closest = index.closest(after: last, tokens[start..<max(start, limit)]),
            !closest.blocks.contains(BlockTable.none),
            suffice(runs, rows: rows.count, computed: start + closest.common)
        {
            match.partial = (closest.blocks, closest.common)
            usable = rows.count
        }
        match.tokenCount = usable * tokensPerBlock + (match.partial?.tokens ?? 0)
        match.prefix = usable > 0 ? rows[usable - 1].prefix : root
        fill(&match, with: rows[..<usable])
        return match
    }

    /// Whether groups that have so many of the last rows have all that is looked at behind `computed` tokens.
    private func suffice(_ runs: [Int], rows: Int, computed: Int) -> Bool {
        zip(layout.groups, runs).allSatisfy { group, run in run >= rows - layout.firstRow(group, computed: computed) }
    }

    /// Takes into a match what is looked at of its rows.
    private func fill(_ match: inout Match, with rows: ArraySlice<(blocks: [Int32], prefix: UInt64)>) {
        let first = layout.groups.map { layout.firstRow($0, computed: match.tokenCount) }
        match.blocks.reserveCapacity(rows.count * first.count)
        for (position, row) in rows.enumerated() {
            for (group, block) in row.blocks.enumerated() {
                match.blocks.append(position < first[group] ? BlockTable.none : block)
                guard group < layout.keepingCount else { continue }
                match.keptCount += 1
                if pool.referenceCount(of: block) == 0 { match.availableCount += 1 }
            }
        }
    }

    /// Builds a table that holds `tokenCount` tokens, beginning with what was matched; in groups with a window as many of them
    /// as an iteration may compute.
    ///
    /// There must be enough available blocks: those of the match that nobody uses, and one for each block beyond it.
    ///
    /// - Returns: the table, and copies to make in this order before it is used; `nil` when the blocks don't suffice.
    package mutating func open(_ match: Match, tokenCount: Int) -> (table: BlockTable, copies: [BlockCopy])? {
        let groupCount = layout.groups.count
        let windowTokens = match.tokenCount + min(tokenCount - match.tokenCount, layout.longestChunk)
        var table = BlockTable()
        table.blocks = match.blocks
        table.indexedCount = match.blocks.count / groupCount
        table.windowEnd = table.indexedCount
        table.prefix = match.prefix
        let unused = match.blocks.count { $0 != BlockTable.none && pool.referenceCount(of: $0) == 0 }
        let needed = missing(table, toHold: tokenCount, inWindows: windowTokens)
        guard unused + needed <= pool.availableCount else { return nil }
        share(&table)
        var change = BlockCounters()
        let newRows = layout.rows(holding: tokenCount) - table.indexedCount - (match.partial == nil ? 0 : 1)
        change.reused = table.heldCount + (match.partial == nil ? 0 : groupCount)
        change.missed = sharesPrefixes ? newRows * groupCount : 0
        change.total = table.heldCount
        count(change, for: &table)
        var copies: [BlockCopy] = []
        if let partial = match.partial {
            // Last in the order of taking, they are taken here only if they are the last ones. Then one of the row is copied
            // before it is overwritten, since they are taken in their order, or needs no copy.
            for block in partial.blocks { touch(block) }
            _ = extend(&table, toHold: match.tokenCount, inWindows: match.tokenCount)
            copies = self.copies(from: partial.blocks[...], to: row(table.indexedCount, of: table))
        }
        _ = extend(&table, toHold: tokenCount, inWindows: windowTokens)
        return (table, copies)
    }

    /// Shares a sequence's full blocks with a new one; the last, partly filled row is to be copied.
    ///
    /// - Returns: the new table and the copies to make, or `nil` when blocks are needed and there are too few.
    package mutating func fork(_ table: BlockTable, tokenCount: Int) -> (table: BlockTable, copies: [BlockCopy])? {
        let groupCount = layout.groups.count
        let full = tokenCount / tokensPerBlock
        let isPartial = tokenCount % tokensPerBlock != 0
        guard !isPartial || pool.availableCount >= groupCount else { return nil }
        var fork = BlockTable()
        fork.blocks = Array(table.blocks[..<(full * groupCount)])
        fork.indexedCount = min(table.indexedCount, full)
        fork.windowEnd = full
        fork.prefix = table.prefix
        share(&fork)
        var change = BlockCounters()
        change.total = fork.heldCount
        count(change, for: &fork)
        guard isPartial, extend(&fork, toHold: tokenCount, inWindows: tokenCount) else { return (fork, []) }
        return (fork, copies(from: row(full, of: table), to: row(full, of: fork)))
    }

    /// Holds the blocks of a new table.
    private mutating func share(_ table: inout BlockTable) {
        for (place, block) in table.blocks.enumerated() where block != BlockTable.none {
            retain(block, of: place % layout.groups.count)
            table.heldCount += 1
        }
    }

    private func copies(from source: ArraySlice<Int32>, to destination: ArraySlice<Int32>) -> [BlockCopy] {
        zip(source, destination).compactMap { $0 == $1 ? nil : BlockCopy(source: $0, destination: $1) }
    }
}
