/// A trie over bytes in flat memory: the root's children in a table of 256, all others in one open-addressing table
/// keyed by (node, byte).
package struct ByteTrie: Sendable {
    private var roots = [Int32](repeating: -1, count: 256)
    /// The child of a node by a byte; the key is `node << 8 | byte`, all ones when free.
    private struct Edge {
        var key: UInt64 = .max
        var child: Int32 = -1
    }

    private var edges: [Edge]
    private var used = 0
    /// The value at each node, or -1.
    package private(set) var values: [TokenID] = []

    /// Whether it has no keys.
    package var isEmpty: Bool { values.isEmpty }

    /// An empty trie with room for so many nodes.
    package init(expectedNodes: Int = 0) {
        var capacity = 64
        while capacity < expectedNodes * 2 { capacity *= 2 }
        edges = [Edge](repeating: Edge(), count: capacity)
    }

    /// Adds a key, unless it is empty; a later value replaces an earlier.
    package mutating func insert(_ key: some Collection<UInt8>, value: TokenID) {
        guard let first = key.first else { return }
        if roots[Int(first)] < 0 {
            roots[Int(first)] = Int32(values.count)
            values.append(-1)
        }
        var node = roots[Int(first)]
        for byte in key.dropFirst() {
            let key = Self.key(node, byte)
            var slot = slot(of: key)
            if edges[slot].key == key {
                node = edges[slot].child
                continue
            }
            if (used + 1) * 2 > edges.count {
                grow()
                slot = self.slot(of: key)
            }
            edges[slot] = Edge(key: key, child: Int32(values.count))
            used += 1
            node = Int32(values.count)
            values.append(-1)
        }
        values[Int(node)] = value
    }

    /// The node reached from the root, or -1.
    @inline(__always)
    package func root(_ byte: UInt8) -> Int32 { roots[Int(byte)] }

    /// The node reached from another, or -1.
    @inline(__always)
    package func child(of node: Int32, _ byte: UInt8) -> Int32 {
        edges[slot(of: Self.key(node, byte))].child
    }

    /// The longest key at a place of a text that ends by `limit`, with its value; `nil` if there is none.
    @inline(__always)
    package func longest(
        in text: UnsafeBufferPointer<UInt8>,
        at place: Int,
        limit: Int,
    ) -> (end: Int, value: TokenID)? {
        var found: (end: Int, value: TokenID)?
        var node = root(text[place])
        var end = place + 1
        while node >= 0 {
            let value = values[Int(node)]
            if value >= 0 { found = (end, value) }
            if end >= limit { break }
            node = child(of: node, text[end])
            end += 1
        }
        return found
    }

    @inline(__always)
    private static func key(_ node: Int32, _ byte: UInt8) -> UInt64 {
        UInt64(UInt32(bitPattern: node)) << 8 | UInt64(byte)
    }

    /// The slot of an edge, or the free one where it belongs.
    @inline(__always)
    private func slot(of key: UInt64) -> Int {
        var slot = Int(truncatingIfNeeded: ByteHash.mix(key)) & (edges.count - 1)
        while edges[slot].key != key, edges[slot].key != .max { slot = (slot + 1) & (edges.count - 1) }
        return slot
    }

    private mutating func grow() {
        let old = edges
        edges = [Edge](repeating: Edge(), count: old.count * 2)
        for edge in old where edge.key != .max { edges[slot(of: edge.key)] = edge }
    }
}
