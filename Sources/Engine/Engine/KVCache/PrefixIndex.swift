/// Which blocks hold the keys and values of which token prefixes.
///
/// A prefix is a chain of blocks. Each indexed block has a serial number that is never used again, and is found by its
/// parent's serial and its own tokens; the tokens are compared, not only hashed, so that a hit is certain all the way
/// down the chain. A block may also be indexed with fewer tokens than it can hold; such a block has no children.
package struct PrefixIndex: Sendable {
    /// The empty prefix.
    package static let root: UInt64 = 0

    private struct Key: Hashable {
        var parent: UInt64
        var tokens: ArraySlice<Int32>
    }

    private struct Node {
        var key: Key
        var serial: UInt64
    }

    private var blockOfKey: [Key: Int32] = [:]
    private var nodeOfBlock: [Int32: Node] = [:]
    private var children: [UInt64: [Int32]] = [:]
    private var lastSerial = PrefixIndex.root

    /// An empty index.
    package init() {}

    /// How many blocks are indexed.
    package var count: Int { nodeOfBlock.count }

    /// The indexed blocks.
    package var blocks: some Collection<Int32> { nodeOfBlock.keys }

    /// Whether a block's content can be found.
    package func contains(_ block: Int32) -> Bool { nodeOfBlock[block] != nil }

    /// The block that continues the prefix `parent` with exactly `tokens`, and the prefix it leads to.
    package func find(after parent: UInt64, _ tokens: ArraySlice<Int32>) -> (block: Int32, prefix: UInt64)? {
        guard let block = blockOfKey[Key(parent: parent, tokens: tokens)], let node = nodeOfBlock[block] else {
            return nil
        }
        return (block, node.serial)
    }

    /// The block that continues the prefix `parent` with the most of `tokens`, and how many; the first indexed wins ties.
    package func closest(after parent: UInt64, _ tokens: ArraySlice<Int32>) -> (block: Int32, common: Int)? {
        var best: (block: Int32, common: Int)?
        for block in children[parent] ?? [] {
            guard let node = nodeOfBlock[block] else { continue }
            let common = zip(node.key.tokens, tokens).prefix { $0 == $1 }.count
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
        lastSerial += 1
        // A slice of its own, so that the key doesn't keep the whole sequence alive.
        let key = Key(parent: parent, tokens: ArraySlice(Array(tokens)))
        blockOfKey[key] = block
        nodeOfBlock[block] = Node(key: key, serial: lastSerial)
        children[parent, default: []].append(block)
        return (block, lastSerial)
    }

    /// Forgets a block, if it is indexed; blocks that continue it can't be found any more.
    package mutating func remove(_ block: Int32) {
        guard let node = nodeOfBlock.removeValue(forKey: block) else { return }
        blockOfKey[node.key] = nil
        let rest = (children[node.key.parent] ?? []).filter { $0 != block }
        children[node.key.parent] = rest.isEmpty ? nil : rest
    }

    /// Forgets everything; serial numbers go on.
    package mutating func removeAll() {
        blockOfKey = [:]
        nodeOfBlock = [:]
        children = [:]
    }
}
