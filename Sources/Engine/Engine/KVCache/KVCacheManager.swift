/// Gives sequences their blocks: shares what is known, takes what is needed, returns what is done with.
///
/// All groups take from one pool. A group with a window holds only what the sequence's next tokens see. A freed block keeps
/// its content and stays in the prefix index until it is taken for something else.
package struct KVCacheManager: Sendable {
    /// How many blocks tokens take.
    package let layout: BlockLayout
    /// Whether prefixes are shared.
    package let sharesPrefixes: Bool
    /// What was allocated since the start.
    package private(set) var counters = BlockCounters()
    /// Holders of blocks in windows beyond each block's first.
    ///
    /// They share now and will part: as one's window moves on, it takes a block and leaves none.
    private(set) var windowShares = 0
    private(set) var pool: BlockPool
    private(set) var index = PrefixIndex()
    /// What happens to blocks that can be found; `nil` where nobody wants to know.
    private var notes: KVCacheEventNotes?

    /// A cache of `blockCount` empty blocks.
    package init(blockCount: Int, layout: BlockLayout, sharesPrefixes: Bool, notesEvents: Bool = false) {
        notes = notesEvents ? KVCacheEventNotes(blockCount: blockCount) : nil
        self.layout = layout
        self.sharesPrefixes = sharesPrefixes
        pool = BlockPool(count: blockCount)
    }

    /// Tokens of one block.
    package var tokensPerBlock: Int { layout.tokensPerBlock }
    /// Blocks nobody uses, whether or not they hold a known prefix.
    package var availableCount: Int { pool.availableCount }
    /// Those of them that nobody will need because he shares a window now; fewer than none when they don't suffice for that.
    package var unclaimedCount: Int { pool.availableCount - windowShares }
    /// Blocks in use.
    package var usedCount: Int { pool.usedCount }
    /// All blocks.
    package var blockCount: Int { pool.count }

    /// How many blocks `extend` takes.
    package func missing(_ table: BlockTable, toHold tokenCount: Int, inWindows windowTokens: Int) -> Int {
        let rows = layout.rows(holding: tokenCount) - table.blocks.count / layout.groups.count
        let windowRows = layout.rows(holding: windowTokens) - table.windowEnd
        return max(0, rows) * layout.keepingCount + max(0, windowRows) * layout.windowedCount
    }

    /// Takes blocks until the table holds `tokenCount` tokens, in groups with a window up to the first `windowTokens` of them;
    /// false, and nothing taken, when there are too few.
    package mutating func extend(
        _ table: inout BlockTable,
        toHold tokenCount: Int,
        inWindows windowTokens: Int,
    ) -> Bool {
        let taken = missing(table, toHold: tokenCount, inWindows: windowTokens)
        guard taken <= pool.availableCount else { return false }
        let groupCount = layout.groups.count
        let first = table.blocks.count / groupCount
        let rows = max(first, layout.rows(holding: tokenCount))
        let windowRows = max(table.windowEnd, layout.rows(holding: min(tokenCount, windowTokens)))
        table.blocks += repeatElement(BlockTable.none, count: (rows - first) * groupCount)
        // One group after the other, so that its blocks follow each other.
        for group in 0..<groupCount {
            for row in group < layout.keepingCount ? first..<rows : table.windowEnd..<windowRows {
                guard let block = pool.take() else { return false }
                if let prefix = index.remove(block) { notes?.remove(prefix) }
                table.blocks[row * groupCount + group] = block
            }
        }
        table.heldCount += taken
        table.windowEnd = windowRows
        var change = BlockCounters()
        (change.new, change.total) = (taken, taken)
        count(change, for: &table)
        return true
    }

    /// Takes blocks in groups with a window for up to `count` tokens behind the first `computed`, but no more than `most`.
    ///
    /// - Returns: for how many tokens there are blocks now, up to `count`.
    mutating func cover(_ table: inout BlockTable, from computed: Int, _ count: Int, most: Int) -> Int {
        let rows = table.windowEnd + max(0, most) / layout.windowedCount
        let held = table.blocks.count / layout.groups.count * tokensPerBlock
        let count = max(0, min(count, rows * tokensPerBlock - computed))
        _ = extend(&table, toHold: held, inWindows: computed + count)
        return count
    }

    /// Frees the blocks that no token behind the first `computed` looks at.
    package mutating func leaveBehind(_ table: inout BlockTable, computed: Int) {
        let groupCount = layout.groups.count
        for group in layout.keepingCount..<groupCount {
            var row = min(table.windowEnd, layout.firstRow(layout.groups[group], computed: computed)) - 1
            while row >= 0, table.blocks[row * groupCount + group] != BlockTable.none {
                let block = table.blocks[row * groupCount + group]
                release(block, of: group, keepingContent: index.contains(block))
                table.blocks[row * groupCount + group] = BlockTable.none
                table.heldCount -= 1
                row -= 1
            }
        }
    }

    /// Makes the blocks that are full of computed tokens known, so that others can share them.
    ///
    /// Where the same content is known already, the table goes over to that block and frees its own: a known prefix then
    /// always outlives what continues it.
    package mutating func publish(_ table: inout BlockTable, _ tokens: [Int32], computed: Int) {
        guard sharesPrefixes else { return }
        while (table.indexedCount + 1) * tokensPerBlock <= computed {
            let position = table.indexedCount
            let range = position * tokensPerBlock..<(position + 1) * tokensPerBlock
            let known = index.insert(row(position, of: table), after: table.prefix, tokens[range])
            notes?.store(tokens[range], from: table.prefix, to: known.prefix)
            exchange(&table, at: position, for: known)
        }
    }

    /// Goes over to blocks that others have computed meanwhile, for a sequence that still computes its prompt; in groups with
    /// a window only where it has blocks itself.
    ///
    /// - Returns: how many tokens are computed now; at most `limit` unless it was more before.
    package mutating func adopt(_ table: inout BlockTable, _ tokens: [Int32], computed: Int, limit: Int) -> Int {
        var computed = computed
        while sharesPrefixes, computed == table.indexedCount * tokensPerBlock, computed + tokensPerBlock <= limit {
            let range = computed..<computed + tokensPerBlock
            // The row behind it stays the sequence's own: its next token may be computed at once.
            guard layout.windowedCount == 0 || table.indexedCount + 1 < table.windowEnd,
                let known = index.find(after: table.prefix, tokens[range]), !known.blocks.contains(BlockTable.none)
            else { break }
            exchange(&table, at: table.indexedCount, for: known)
            computed = range.upperBound
        }
        leaveBehind(&table, computed: computed)
        return computed
    }

    /// Frees a sequence's blocks, keeping what was computed findable.
    package mutating func close(_ table: inout BlockTable, _ tokens: [Int32], computed: Int) {
        publish(&table, tokens, computed: computed)
        let start = table.indexedCount * tokensPerBlock
        if sharesPrefixes, start < computed, start / tokensPerBlock * layout.groups.count < table.blocks.count {
            let rest = tokens[start..<computed]
            let closest = index.closest(after: table.prefix, rest)
            if closest?.common ?? 0 < rest.count || closest?.blocks.contains(BlockTable.none) == true {
                _ = index.insert(row(table.indexedCount, of: table), after: table.prefix, rest)
            }
        }
        // From the end, so that a prefix is taken after what continues it.
        for place in table.blocks.indices.reversed() where table.blocks[place] != BlockTable.none {
            let block = table.blocks[place]
            release(block, of: place % layout.groups.count, keepingContent: index.contains(block))
        }
        let counters = table.counters
        table = BlockTable()
        table.counters = counters
    }

    /// Forgets all prefixes; blocks in use stay in use.
    package mutating func forgetPrefixes() {
        index.removeAll()
        notes?.removeAll()
    }

    /// What has happened to blocks that can be found since the last time; nothing where that isn't noted.
    package mutating func takeEvents() -> [KVCacheEvent] { notes?.take() ?? [] }

    /// The blocks of one row.
    func row(_ row: Int, of table: BlockTable) -> ArraySlice<Int32> {
        table.blocks[row * layout.groups.count..<(row + 1) * layout.groups.count]
    }

    /// Counts what was done for a sequence.
    mutating func count(_ change: BlockCounters, for table: inout BlockTable) {
        table.counters += change
        counters += change
    }

    /// Makes the next unindexed row of a table that of a known prefix.
    private mutating func exchange(
        _ table: inout BlockTable,
        at row: Int,
        for known: (blocks: [Int32], prefix: UInt64),
    ) {
        for (group, block) in known.blocks.enumerated() {
            let place = row * known.blocks.count + group
            let own = table.blocks[place]
            guard own != block else { continue }
            retain(block, of: group)
            release(own, of: group, keepingContent: false)
            table.blocks[place] = block
        }
        table.prefix = known.prefix
        table.indexedCount = row + 1
    }

    /// The empty prefix of a namespace.
    mutating func root(of namespace: PrefixNamespace?) -> UInt64 { index.root(of: namespace) }

    /// Makes an available block the last one to be taken.
    mutating func touch(_ block: Int32) { pool.touch(block) }

    /// Counts one more holder of a group's block.
    mutating func retain(_ block: Int32, of group: Int) {
        if group >= layout.keepingCount, pool.referenceCount(of: block) > 0 { windowShares += 1 }
        pool.retain(block)
    }

    private mutating func release(_ block: Int32, of group: Int, keepingContent: Bool) {
        pool.release(block, keepingContent: keepingContent)
        if group >= layout.keepingCount, pool.referenceCount(of: block) > 0 { windowShares -= 1 }
    }
}
