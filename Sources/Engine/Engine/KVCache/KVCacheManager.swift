/// Gives sequences their blocks: shares what is known, takes what is needed, returns what is done with.
///
/// A freed block keeps its content and stays in the prefix index until it is taken for something else.
package struct KVCacheManager: Sendable {
    /// What the cache knows of a sequence's beginning; valid until the cache next changes.
    package struct Match: Sendable {
        /// Full blocks that can be shared.
        package var blocks: [Int32] = []
        /// The prefix these blocks lead to.
        var prefix = PrefixIndex.root
        /// A block whose first `tokens` tokens come next, to be copied.
        var partial: (block: Int32, tokens: Int)?
        /// How many of `blocks` nobody uses now.
        package var availableCount = 0
        /// How many tokens needn't be computed.
        package var tokenCount = 0
    }

    /// Tokens of one block.
    package let tokensPerBlock: Int
    /// Whether prefixes are shared.
    package let sharesPrefixes: Bool
    /// What was allocated since the start.
    package private(set) var counters = BlockCounters()
    private var pool: BlockPool
    private var index = PrefixIndex()

    /// A cache of `blockCount` empty blocks.
    package init(blockCount: Int, tokensPerBlock: Int, sharesPrefixes: Bool) {
        self.tokensPerBlock = tokensPerBlock
        self.sharesPrefixes = sharesPrefixes
        pool = BlockPool(count: blockCount)
    }

    /// Blocks nobody uses, whether or not they hold a known prefix.
    package var availableCount: Int { pool.availableCount }
    /// Blocks in use.
    package var usedCount: Int { pool.usedCount }
    /// All blocks.
    package var blockCount: Int { pool.count }

    /// How many blocks hold `tokens` tokens.
    package func blocks(holding tokens: Int) -> Int { (tokens + tokensPerBlock - 1) / tokensPerBlock }

    /// Looks up the longest known prefix of `tokens`, of at most `limit` tokens.
    package func match(_ tokens: [Int32], limit: Int) -> Match {
        var match = Match()
        guard sharesPrefixes else { return match }
        while match.tokenCount + tokensPerBlock <= limit {
            let range = match.tokenCount..<match.tokenCount + tokensPerBlock
            guard let next = index.find(after: match.prefix, tokens[range]) else { break }
            match.blocks.append(next.block)
            match.prefix = next.prefix
            match.tokenCount = range.upperBound
            if pool.referenceCount(of: next.block) == 0 { match.availableCount += 1 }
        }
        let rest = tokens[match.tokenCount..<max(match.tokenCount, limit)]
        if let closest = index.closest(after: match.prefix, rest) {
            match.partial = (closest.block, closest.common)
            match.tokenCount += closest.common
        }
        return match
    }

    /// Builds a table that holds `tokenCount` tokens, beginning with what was matched.
    ///
    /// There must be enough available blocks: those of the match that nobody uses, and one for each block beyond it.
    ///
    /// - Returns: the table, and a copy to make before it is used; `nil` when the blocks don't suffice.
    package mutating func open(_ match: Match, tokenCount: Int) -> (table: BlockTable, copy: BlockCopy?)? {
        let needed = blocks(holding: tokenCount)
        guard pool.availableCount >= match.availableCount + needed - match.blocks.count else { return nil }
        var table = BlockTable()
        for block in match.blocks { pool.retain(block) }
        table.blocks = match.blocks
        table.indexedCount = match.blocks.count
        table.prefix = match.prefix
        table.counters.reused = match.blocks.count + (match.partial == nil ? 0 : 1)
        table.counters.missed = sharesPrefixes ? needed - table.counters.reused : 0
        table.counters.total = match.blocks.count
        counters += table.counters
        var copy: BlockCopy?
        if let partial = match.partial {
            // Last in the order of taking, it is taken here only if it is the last one; then it needs no copy.
            pool.touch(partial.block)
            _ = extend(&table, toHold: match.tokenCount)
            if let destination = table.blocks.last, destination != partial.block {
                copy = BlockCopy(source: partial.block, destination: destination)
            }
        }
        _ = extend(&table, toHold: tokenCount)
        return (table, copy)
    }

    /// Takes blocks until the table holds `tokenCount` tokens; false when there are none left.
    package mutating func extend(_ table: inout BlockTable, toHold tokenCount: Int) -> Bool {
        while table.blocks.count * tokensPerBlock < tokenCount {
            guard let block = pool.take() else { return false }
            index.remove(block)
            table.blocks.append(block)
            table.counters.new += 1
            table.counters.total += 1
            counters.new += 1
            counters.total += 1
        }
        return true
    }

    /// Shares a sequence's full blocks with a new one; the last, partly filled block is to be copied.
    ///
    /// - Returns: the new table and the copy to make, or `nil` when a block is needed and there is none.
    package mutating func fork(_ table: BlockTable, tokenCount: Int) -> (table: BlockTable, copy: BlockCopy?)? {
        let full = tokenCount / tokensPerBlock
        let isPartial = tokenCount % tokensPerBlock != 0
        guard !isPartial || pool.availableCount > 0 else { return nil }
        var fork = BlockTable()
        fork.blocks = Array(table.blocks[..<full])
        fork.indexedCount = min(table.indexedCount, full)
        fork.prefix = table.prefix
        fork.counters.total = full
        counters.total += full
        for block in fork.blocks { pool.retain(block) }
        guard isPartial, extend(&fork, toHold: tokenCount) else { return (fork, nil) }
        return (fork, BlockCopy(source: table.blocks[full], destination: fork.blocks[full]))
    }

    /// Makes the blocks that are full of computed tokens known, so that others can share them.
    ///
    /// Where the same content is known already, the table goes over to that block and frees its own: a known prefix then
    /// always outlives what continues it.
    package mutating func publish(_ table: inout BlockTable, _ tokens: [Int32], computed: Int) {
        guard sharesPrefixes else { return }
        while (table.indexedCount + 1) * tokensPerBlock <= computed {
            let position = table.indexedCount
            let own = table.blocks[position]
            let range = position * tokensPerBlock..<(position + 1) * tokensPerBlock
            let known = index.insert(own, after: table.prefix, tokens[range])
            exchange(&table, at: position, for: known.block)
            table.prefix = known.prefix
            table.indexedCount += 1
        }
    }

    /// Goes over to blocks that others have computed meanwhile, for a sequence that still computes its prompt.
    ///
    /// - Returns: how many tokens are computed now; at most `limit` unless it was more before.
    package mutating func adopt(_ table: inout BlockTable, _ tokens: [Int32], computed: Int, limit: Int) -> Int {
        var computed = computed
        while sharesPrefixes, computed == table.indexedCount * tokensPerBlock, computed + tokensPerBlock <= limit {
            let range = computed..<computed + tokensPerBlock
            guard let known = index.find(after: table.prefix, tokens[range]) else { break }
            exchange(&table, at: table.indexedCount, for: known.block)
            table.prefix = known.prefix
            table.indexedCount += 1
            computed = range.upperBound
        }
        return computed
    }

    /// Frees a sequence's blocks, keeping what was computed findable.
    package mutating func close(_ table: inout BlockTable, _ tokens: [Int32], computed: Int) {
        publish(&table, tokens, computed: computed)
        let start = table.indexedCount * tokensPerBlock
        if sharesPrefixes, start < computed, table.indexedCount < table.blocks.count {
            let rest = tokens[start..<computed]
            if index.closest(after: table.prefix, rest)?.common ?? 0 < rest.count {
                _ = index.insert(table.blocks[table.indexedCount], after: table.prefix, rest)
            }
        }
        // From the end, so that a prefix is taken after what continues it.
        for block in table.blocks.reversed() { pool.release(block, keepingContent: index.contains(block)) }
        table.blocks = []
        table.indexedCount = 0
        table.prefix = PrefixIndex.root
    }

    /// Forgets all prefixes; blocks in use stay in use.
    package mutating func forgetPrefixes() { index.removeAll() }

    /// What is wrong with the cache, given all tables in use; empty when all is well.
    package func problems(tables: [BlockTable]) -> [String] {
        var references = [Int](repeating: 0, count: pool.count)
        for table in tables {
            for block in table.blocks { references[Int(block)] += 1 }
        }
        var problems = pool.problems(expectedReferences: references)
        for table in tables {
            if Set(table.blocks).count != table.blocks.count { problems.append("a table has a block twice") }
            guard sharesPrefixes else { continue }
            for block in table.blocks[table.indexedCount...] where references[Int(block)] != 1 {
                problems.append("block \(block) is shared though it isn't full")
            }
        }
        return problems
    }

    private mutating func exchange(_ table: inout BlockTable, at position: Int, for known: Int32) {
        let own = table.blocks[position]
        guard own != known else { return }
        pool.retain(known)
        pool.release(own, keepingContent: false)
        table.blocks[position] = known
    }
}
