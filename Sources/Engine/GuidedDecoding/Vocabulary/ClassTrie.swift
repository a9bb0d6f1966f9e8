/// A vocabulary by the classes of its tokens' bytes: far fewer nodes than the trie of bytes has.
struct ClassTrie: Sendable {
    /// The trie; its bytes are numbers of classes.
    let trie: TokenTrie
    /// The nodes of the trie of bytes that each node stands for.
    private let starts: [Int32]
    private let members: [Int32]
    /// Which of `masks` has the tokens of a node; -1 for nodes of few tokens.
    private let maskNumbers: [Int32]
    private let masks: [TokenMask]
    /// Nodes with at least so many tokens have a mask.
    private static let many = 400

    init(_ bytes: TokenTrie, _ words: TokenBytes, entries: [TokenTrie.Entry]) {
        let classes = TokenBytes(
            (0..<Int32(words.count)).lazy.map { token in
                words.bytes(of: token).map { ByteClasses.ofByte[Int($0)] }
            }
        )
        let trie = TokenTrie(entries, of: classes)
        self.trie = trie
        var nodeOfByteNode = [Int32](repeating: 0, count: bytes.count)
        var path: [Int] = [0]
        for node in 1..<max(1, bytes.count) {
            let depth = Int(bytes.depths[node])
            path.removeLast(path.count - depth)
            let child = trie.child(path[depth - 1], ByteClasses.ofByte[Int(bytes.bytes[node])]) ?? 0
            path.append(child)
            nodeOfByteNode[node] = Int32(child)
        }
        var starts = [Int32](repeating: 0, count: trie.count + 1)
        for node in nodeOfByteNode { starts[Int(node) + 1] += 1 }
        for node in 0..<trie.count { starts[node + 1] += starts[node] }
        var next = starts
        var members = [Int32](repeating: 0, count: bytes.count)
        for (node, classNode) in nodeOfByteNode.enumerated() {
            members[Int(next[Int(classNode)])] = Int32(node)
            next[Int(classNode)] += 1
        }
        (self.starts, self.members) = (starts, members)
        var masks: [TokenMask] = []
        maskNumbers = (0..<trie.count).map { node in
            let tokens = trie.tokens(at: node)
            guard tokens.count >= Self.many else { return -1 }
            var mask = TokenMask(count: words.count)
            for place in tokens { mask[trie.tokens[place]] = true }
            masks.append(mask)
            return Int32(masks.count - 1)
        }
        self.masks = masks
    }

    /// The nodes of the trie of bytes that a node stands for.
    func members(_ node: Int) -> ArraySlice<Int32> { members[Int(starts[node])..<Int(starts[node + 1])] }

    /// Adds the tokens of a node to a mask.
    @inline(__always)
    func addTokens(_ node: Int, to mask: inout TokenMask) {
        let number = maskNumbers[node]
        if number >= 0 { return mask.formUnion(masks[Int(number)]) }
        for place in trie.tokens(at: node) { mask[trie.tokens[place]] = true }
    }
}
