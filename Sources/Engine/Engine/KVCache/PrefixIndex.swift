/// Which blocks hold the keys and values of which token prefixes.
///
/// A prefix is a chain of rows of blocks, one of each group. Each indexed row has a serial number that is never used again,
/// and is found by its parent's serial and its own tokens; the tokens are compared, so that a hit is certain all the way down
/// the chain. A row may also be indexed with fewer tokens than it can hold; such a row has no children.
///
/// The first block of a row, of a group that keeps most, leads it: without it the row is forgotten. Others may be missing.
///
/// The rows that continue a prefix are kept in the order of their tokens: a look-up among `n` of them compares `log2(n)`
/// times, and the closest one stands beside the place where the wanted tokens would be.
package struct PrefixIndex: Sendable {
    /// The empty prefix of requests without a namespace.
    package static let root: UInt64 = 0

    private struct Node {
        var parent: UInt64
        var tokens: [Int32]
        var serial: UInt64
        /// The row, `[groups]`.
        var blocks: [Int32]
    }

    /// The rows by their leading blocks.
    private var nodes: [Int32: Node] = [:]
    /// The leading blocks of rows by the others.
    private var leaders: [Int32: Int32] = [:]
    /// The rows that continue each prefix by their leading blocks, in the order of their tokens.
    private var children: [UInt64: [Int32]] = [:]
    private var lastSerial = PrefixIndex.root
    /// The empty prefixes of namespaces.
    private var roots: [PrefixNamespace: UInt64] = [:]
    /// How many of them there may be before those are forgotten that nothing continues.
    private var mostRoots = 64

    /// An empty index.
    package init() {}

    /// How many rows are indexed.
    package var count: Int { nodes.count }

    /// How many namespaces are known.
    package var namespaceCount: Int { roots.count }

    /// The empty prefix of a namespace, which nothing continues but what was indexed behind it.
    ///
    /// Namespaces are forgotten some time after the last of their rows; what is indexed behind the old prefix then can't be
    /// found any more.
    package mutating func root(of namespace: PrefixNamespace?) -> UInt64 {
        guard let namespace else { return PrefixIndex.root }
        if let root = roots[namespace] { return root }
        if roots.count >= mostRoots {
            roots = roots.filter { children[$0.value] != nil }
            mostRoots = max(64, 2 * roots.count)
        }
        lastSerial += 1
        roots[namespace] = lastSerial
        return lastSerial
    }

    /// Whether a block's content can be found.
    package func contains(_ block: Int32) -> Bool { nodes[block] != nil || leaders[block] != nil }

    /// The row that continues the prefix `parent` with exactly `tokens`, and the prefix it leads to.
    package func find(after parent: UInt64, _ tokens: ArraySlice<Int32>) -> (blocks: [Int32], prefix: UInt64)? {
        let siblings = children[parent] ?? []
        let place = place(of: tokens, among: siblings)
        guard place < siblings.count, let node = nodes[siblings[place]], node.tokens[...] == tokens else { return nil }
        return (node.blocks, node.serial)
    }

    /// The row that continues the prefix `parent` with the most of `tokens`, and how many.
    ///
    /// Where several have as many, it is the one that stands last before `tokens` in the order, or else first behind.
    package func closest(after parent: UInt64, _ tokens: ArraySlice<Int32>) -> (blocks: [Int32], common: Int)? {
        let siblings = children[parent] ?? []
        let place = place(of: tokens, among: siblings)
        var best: (blocks: [Int32], common: Int)?
        for block in siblings[max(0, place - 1)..<min(siblings.count, place + 1)] {
            guard let node = nodes[block] else { continue }
            let common = Self.common(node.tokens, tokens)
            if common > best?.common ?? 0 { best = (node.blocks, common) }
        }
        return best
    }

    /// Indexes a row of blocks; where one with the same content is there already, it is given those that it lacks.
    ///
    /// - Returns: the row that is indexed now, and the prefix it leads to.
    package mutating func insert(
        _ row: ArraySlice<Int32>,
        after parent: UInt64,
        _ tokens: ArraySlice<Int32>,
    ) -> (blocks: [Int32], prefix: UInt64) {
        if let existing = find(after: parent, tokens) {
            return (complete(existing.blocks, with: row), existing.prefix)
        }
        let blocks = Array(row)
        let place = place(of: tokens, among: children[parent] ?? [])
        lastSerial += 1
        // Tokens of its own, so that the index doesn't keep the whole sequence alive.
        nodes[blocks[0]] = Node(parent: parent, tokens: Array(tokens), serial: lastSerial, blocks: blocks)
        for block in blocks.dropFirst() where block != BlockTable.none { leaders[block] = blocks[0] }
        children[parent, default: []].insert(blocks[0], at: place)
        return (blocks, lastSerial)
    }

    /// Gives an indexed row the blocks that it lacks.
    private mutating func complete(_ blocks: [Int32], with row: ArraySlice<Int32>) -> [Int32] {
        guard blocks.contains(BlockTable.none) else { return blocks }
        var blocks = blocks
        for (group, block) in row.enumerated() where blocks[group] == BlockTable.none && block != BlockTable.none {
            blocks[group] = block
            leaders[block] = blocks[0]
        }
        nodes[blocks[0]]?.blocks = blocks
        return blocks
    }

    /// Forgets a block, if it is indexed; what continues a row that it leads can't be found any more.
    ///
    /// - Returns: the prefix that the row led to, if the block led one.
    @discardableResult package mutating func remove(_ block: Int32) -> UInt64? {
        if let leader = leaders.removeValue(forKey: block) {
            guard let group = nodes[leader]?.blocks.firstIndex(of: block) else { return nil }
            nodes[leader]?.blocks[group] = BlockTable.none
            return nil
        }
        guard let node = nodes[block] else { return nil }
        for other in node.blocks.dropFirst() { leaders[other] = nil }
        let place = place(of: node.tokens[...], among: children[node.parent] ?? [])
        children[node.parent]?.remove(at: place)
        if children[node.parent]?.isEmpty == true { children[node.parent] = nil }
        nodes[block] = nil
        return node.serial
    }

    /// Forgets everything; serial numbers go on.
    package mutating func removeAll() {
        nodes = [:]
        leaders = [:]
        children = [:]
        roots = [:]
    }

    /// What is wrong with the index; empty when all is well.
    package func problems() -> [String] {
        var problems: [String] = []
        for (leader, node) in nodes {
            if node.blocks[0] != leader { problems.append("block \(leader) leads another's row") }
            for block in node.blocks.dropFirst() where block != BlockTable.none && leaders[block] != leader {
                problems.append("block \(block) is in a row without its knowing")
            }
        }
        for (block, leader) in leaders where nodes[leader]?.blocks.contains(block) != true {
            problems.append("block \(block) isn't in its row")
        }
        return problems
    }

    /// How many of `siblings` come before `tokens`.
    private func place(of tokens: ArraySlice<Int32>, among siblings: [Int32]) -> Int {
        var (low, high) = (0, siblings.count)
        while low < high {
            let middle = (low + high) / 2
            if let node = nodes[siblings[middle]], Self.precedes(node.tokens, tokens) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// Whether `left` comes before `right` in the order of their tokens; a beginning comes before what continues it.
    private static func precedes(_ left: [Int32], _ right: ArraySlice<Int32>) -> Bool {
        let common = common(left, right)
        guard common < left.count, common < right.count else { return left.count < right.count }
        return left[common] < right[right.startIndex + common]
    }

    /// How many tokens two sequences have in common at their beginnings.
    private static func common(_ left: [Int32], _ right: ArraySlice<Int32>) -> Int {
        let length = min(left.count, right.count)
        var count = 0
        while count < length, left[count] == right[right.startIndex + count] { count += 1 }
        return count
    }
}
