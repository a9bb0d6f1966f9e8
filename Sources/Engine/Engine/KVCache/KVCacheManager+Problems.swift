/// What tests ask the cache.
extension KVCacheManager {
    /// What is wrong with the cache, given all tables in use; empty when all is well.
    package func problems(tables: [BlockTable]) -> [String] {
        let groupCount = layout.groups.count
        var references = [Int](repeating: 0, count: pool.count)
        var windowHolders = 0
        var windowBlocks: Set<Int32> = []
        for table in tables {
            for (place, block) in table.blocks.enumerated() where block != BlockTable.none {
                references[Int(block)] += 1
                guard place % groupCount >= layout.keepingCount else { continue }
                windowHolders += 1
                windowBlocks.insert(block)
            }
        }
        var problems = pool.problems(expectedReferences: references) + index.problems()
        if windowHolders - windowBlocks.count != windowShares { problems.append("shares of windows are miscounted") }
        for table in tables {
            let held = table.blocks.filter { $0 != BlockTable.none }
            if Set(held).count != held.count { problems.append("a table has a block twice") }
            if held.count != table.heldCount {
                problems.append("\(held.count) blocks are held, not \(table.heldCount)")
            }
            guard sharesPrefixes else { continue }
            for block in table.blocks[(table.indexedCount * groupCount)...]
            where block != BlockTable.none && references[Int(block)] != 1 {
                problems.append("block \(block) is shared though it isn't full")
            }
        }
        return problems
    }

    /// What is wrong with a table whose sequence has `computed` tokens in the cache.
    package func problems(of table: BlockTable, computed: Int) -> [String] {
        let groupCount = layout.groups.count
        let rows = layout.rows(holding: computed)
        guard table.blocks.count >= rows * groupCount else { return ["there are too few blocks"] }
        var problems: [String] = []
        for (index, group) in layout.groups.enumerated() {
            let first = layout.firstRow(group, computed: computed)
            let end = index < layout.keepingCount ? table.blocks.count / groupCount : table.windowEnd
            if end < rows { problems.append("group \(index) has too few blocks") }
            for row in 0..<table.blocks.count / groupCount {
                let isHeld = table.blocks[row * groupCount + index] != BlockTable.none
                if isHeld != (first..<max(first, end)).contains(row) {
                    problems.append("group \(index) \(isHeld ? "holds" : "lacks") row \(row)")
                }
            }
        }
        return problems
    }
}
