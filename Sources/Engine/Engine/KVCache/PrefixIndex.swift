/// Which blocks hold the keys and values of which token prefixes.
///
/// A prefix is a chain of blocks. Each indexed block has a serial number that is never used again, and is found by its
/// parent's serial and its own tokens; the tokens are compared, so that a hit is certain all the way down the chain. A
/// block may also be indexed with fewer tokens than it can hold; such a block has no children.
///
/// The blocks that continue a prefix are kept in the order of their tokens: a look-up among `n` of them compares
/// `log2(n)` times, and the closest one stands beside the place where the wanted tokens would be.
package struct PrefixIndex: Sendable {
    /// The empty prefix.
    package static let root: UInt64 = 0

    private struct Node {
        var parent: UInt64
        var tokens: [Int32]
        var serial: UInt64
    }

    private var nodes: [Int32: Node] = [:]
    /// The blocks that continue each prefix, in the order of their tokens.
    private var children: [UInt64: [Int32]] = [:]
    private var lastSerial = PrefixIndex.root

    /// An empty index.
    package init() {}

    /// How many blocks are indexed.
    package var count: Int { nodes.count }

    /// Whether a block's content can be found.
    package func contains(_ block: Int32) -> Bool { nodes[block] != nil }

    /// The block that continues the prefix `parent` with exactly `tokens`, and the prefix it leads to.
    package func find(after parent: UInt64, _ tokens: ArraySlice<Int32>) -> (block: Int32, prefix: UInt64)? {
        let siblings = children[parent] ?? []
        let place = place(of: tokens, among: siblings)
        guard place < siblings.count, let node = nodes[siblings[place]], node.tokens[...] == tokens else { return nil }
        return (siblings[place], node.serial)
    }

    /// The block that continues the prefix `parent` with the most of `tokens`, and how many.
    ///
    /// Where several have as many, it is the one that stands last before `tokens` in the order, or else first behind.
    package func closest(after parent: UInt64, _ tokens: ArraySlice<Int32>) -> (block: Int32, common: Int)? {
        let siblings = children[parent] ?? []
        let place = place(of: tokens, among: siblings)
        var best: (block: Int32, common: Int)?
        for block in siblings[max(0, place - 1)..<min(siblings.count, place + 1)] {
            guard let node = nodes[block] else { continue }
            let common = Self.common(node.tokens, tokens)
            if common > best?.common ?? 0 { best = (block, common) }
        }
        return best
    }

    /// Indexes a block, unless one with the same content is there already.
    ///
    /// - Returns: the block that is indexed now, and the prefix it leads to.
    package mutating func insert(
        _ block: Int32,
        after parent: UInt64,
        _ tokens: ArraySlice<Int32>,
    ) -> (block: Int32, prefix: UInt64) {
        if let existing = find(after: parent, tokens) { return existing }
        let place = place(of: tokens, among: children[parent] ?? [])
        lastSerial += 1
        // Tokens of its own, so that the index doesn't keep the whole sequence alive.
        nodes[block] = Node(parent: parent, tokens: Array(tokens), serial: lastSerial)
        children[parent, default: []].insert(block, at: place)
        return (block, lastSerial)
    }

    /// Forgets a block, if it is indexed; blocks that continue it can't be found any more.
    package mutating func remove(_ block: Int32) {
        guard let node = nodes[block] else { return }
        let place = place(of: node.tokens[...], among: children[node.parent] ?? [])
        children[node.parent]?.remove(at: place)
        if children[node.parent]?.isEmpty == true { children[node.parent] = nil }
        nodes[block] = nil
    }

    /// Forgets everything; serial numbers go on.
    package mutating func removeAll() {
        nodes = [:]
        children = [:]
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
