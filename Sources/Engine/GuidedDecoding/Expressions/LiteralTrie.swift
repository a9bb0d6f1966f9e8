/// Sets of literals as tries, all in one array: children of a node are neighbours, ascending by byte.
struct LiteralTries: Sendable {
    struct Node: Sendable {
        /// The byte that leads here.
        var byte: UInt8
        /// Whether a literal ends here.
        var isEnd = false
        /// Whether the literals are the names of a member set.
        var isNames: Bool
        /// Places, in sorted order, of the first literal below and behind the last one.
        var lower: Int32
        var upper: Int32
        /// The children's places.
        var children: Range<Int32> = 0..<0
    }

    private(set) var nodes: [Node] = []
    /// The roots of the names of member sets: what alternatives' members are called alike is walked once.
    private var names: [[[UInt8]]: Int32] = [:]

    subscript(_ node: Int32) -> Node { nodes[Int(node)] }

    /// The child that a byte leads to.
    func child(_ node: Int32, _ byte: UInt8) -> Int32? {
        var range = nodes[Int(node)].children
        while !range.isEmpty {
            let middle = range.lowerBound + (range.upperBound - range.lowerBound) / 2
            let found = nodes[Int(middle)].byte
            if found == byte { return middle }
            range = found < byte ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }

    /// The bytes that lead on from a node.
    func bytes(_ node: Int32) -> ByteSet {
        ByteSet(nodes[Int(node)].children.lazy.map { nodes[Int($0)].byte })
    }

    /// Puts in a set of literals, sorted and without duplicates.
    ///
    /// - Returns: the root.
    mutating func insert(_ literals: [[UInt8]], areNames: Bool) -> Int32 {
        if areNames, let known = names[literals] { return known }
        let root = Int32(nodes.count)
        nodes.append(Node(byte: 0, isNames: areNames, lower: 0, upper: Int32(literals.count)))
        var queue: [(node: Int32, depth: Int)] = [(root, 0)]
        var next = 0
        while next < queue.count {
            let (node, depth) = queue[next]
            next += 1
            let range = Int(nodes[Int(node)].lower)..<Int(nodes[Int(node)].upper)
            var index = range.lowerBound
            if index < range.upperBound, literals[index].count == depth {
                nodes[Int(node)].isEnd = true
                index += 1
            }
            let first = Int32(nodes.count)
            while index < range.upperBound {
                let byte = literals[index][depth]
                var end = index + 1
                while end < range.upperBound, literals[end][depth] == byte { end += 1 }
                queue.append((Int32(nodes.count), depth + 1))
                nodes.append(Node(byte: byte, isNames: areNames, lower: Int32(index), upper: Int32(end)))
                index = end
            }
            nodes[Int(node)].children = first..<Int32(nodes.count)
        }
        if areNames { names[literals] = root }
        return root
    }
}
