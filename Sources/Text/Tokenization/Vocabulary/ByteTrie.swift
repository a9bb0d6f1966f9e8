/// A trie over bytes in flat memory: the root's children in a table of 256, all others in one open-addressing table
/// keyed by (node, byte).
struct ByteTrie: Sendable {
    private var roots = [Int32](repeating: -1, count: 256)
    /// Keys are `node << 8 | byte`, all ones when free.
    private var keys: [UInt64]
    private var children: [Int32]
    private var used = 0
    /// The value at each node, or -1.
    private(set) var values: [TokenID] = []

    var isEmpty: Bool { values.isEmpty }

    init(expectedNodes: Int = 0) {
        var capacity = 64
        while capacity < expectedNodes * 2 { capacity *= 2 }
        keys = [UInt64](repeating: .max, count: capacity)
        children = [Int32](repeating: -1, count: capacity)
    }

    /// Adds a key, unless it is empty; a later value replaces an earlier.
    mutating func insert(_ key: some Collection<UInt8>, value: TokenID) {
        guard let first = key.first else { return }
        if roots[Int(first)] < 0 {
            roots[Int(first)] = Int32(values.count)
            values.append(-1)
        }
        var node = roots[Int(first)]
        for byte in key.dropFirst() {
            let next = child(of: node, byte)
            if next >= 0 {
                node = next
                continue
            }
            if (used + 1) * 2 > keys.count { grow() }
            let slot = slot(of: UInt64(UInt32(bitPattern: node)) << 8 | UInt64(byte))
            keys[slot] = UInt64(UInt32(bitPattern: node)) << 8 | UInt64(byte)
            children[slot] = Int32(values.count)
            used += 1
            node = Int32(values.count)
            values.append(-1)
        }
        values[Int(node)] = value
    }

    /// The node reached from the root, or -1.
    @inline(__always)
    func root(_ byte: UInt8) -> Int32 { roots[Int(byte)] }

    /// The node reached from another, or -1.
    @inline(__always)
    func child(of node: Int32, _ byte: UInt8) -> Int32 {
        let key = UInt64(UInt32(bitPattern: node)) << 8 | UInt64(byte)
        return children[slot(of: key)]
    }

    @inline(__always)
    private func slot(of key: UInt64) -> Int {
        var slot = Int(truncatingIfNeeded: ByteHash.mix(key)) & (keys.count - 1)
        while keys[slot] != key, keys[slot] != .max { slot = (slot + 1) & (keys.count - 1) }
        return slot
    }

    private mutating func grow() {
        let oldKeys = keys
        let oldChildren = children
        keys = [UInt64](repeating: .max, count: oldKeys.count * 2)
        children = [Int32](repeating: -1, count: oldKeys.count * 2)
        for (key, child) in zip(oldKeys, oldChildren) where key != .max {
            let slot = slot(of: key)
            keys[slot] = key
            children[slot] = child
        }
    }
}
