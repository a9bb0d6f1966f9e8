/// Tokens, or what is left of them behind some bytes, as a trie that lies in arrays in depth-first order: a byte that
/// isn't allowed skips all that is below by one jump.
struct TokenTrie: Sendable {
    /// The byte that leads to each node; node 0 is the root.
    private(set) var bytes: [UInt8] = [0]
    /// How many bytes lead to each node.
    private(set) var depths: [UInt16] = [0]
    /// The node behind the last one below each node.
    private(set) var ends: [Int32] = [1]
    /// Where each node's tokens begin among `tokens`; those of the nodes below follow.
    private(set) var starts: [Int32] = [0]
    /// The tokens, by node.
    private(set) var tokens: [Int32] = []

    /// A token from one of its bytes on.
    struct Entry {
        var token: Int32
        var offset: Int32
    }

    /// A trie of what is left of tokens.
    init(_ entries: [Entry], of words: TokenBytes) {
        let sorted = entries.sorted { left, right in
            words.bytes(of: left).lexicographicallyPrecedes(words.bytes(of: right))
        }
        var path: [Int32] = [0]
        var last: ArraySlice<UInt8> = []
        for entry in sorted {
            let word = words.bytes(of: entry)
            let common = zip(word, last).prefix { $0 == $1 }.count
            while path.count > common + 1 { ends[Int(path.removeLast())] = Int32(bytes.count) }
            for byte in word.dropFirst(common) {
                path.append(Int32(bytes.count))
                depths.append(UInt16(path.count - 1))
                bytes.append(byte)
                ends.append(0)
                starts.append(Int32(tokens.count))
            }
            tokens.append(entry.token)
            last = word
        }
        while let node = path.popLast() { ends[Int(node)] = Int32(bytes.count) }
        starts.append(Int32(tokens.count))
    }

    /// A trie of words that have numbers in the place of tokens.
    init(_ words: [[UInt8]], numbered numbers: [Int32]) {
        self.init(words.indices.map { Entry(token: Int32($0), offset: 0) }, of: TokenBytes(words))
        tokens = tokens.map { numbers[Int($0)] }
    }

    var count: Int { bytes.count }

    /// The tokens at a node.
    @inline(__always)
    func tokens(at node: Int) -> Range<Int> { Int(starts[node])..<Int(starts[node + 1]) }

    /// The tokens at a node and below.
    func tokens(from node: Int) -> ArraySlice<Int32> { tokens[Int(starts[node])..<Int(starts[Int(ends[node])])] }

    /// The child that a byte leads to.
    func child(_ node: Int, _ byte: UInt8) -> Int? {
        var child = node + 1
        while child < Int(ends[node]) {
            if bytes[child] == byte { return child }
            if bytes[child] > byte { return nil }
            child = Int(ends[child])
        }
        return nil
    }
}

/// The bytes of all tokens, one behind the other.
struct TokenBytes: Sendable {
    private var pool: [UInt8] = []
    private var offsets: [Int] = [0]

    init(_ tokens: some Sequence<[UInt8]>) {
        for token in tokens {
            pool.append(contentsOf: token)
            offsets.append(pool.count)
        }
    }

    /// Number of tokens.
    var count: Int { offsets.count - 1 }

    /// The bytes of a token.
    func bytes(of token: Int32) -> ArraySlice<UInt8> { pool[offsets[Int(token)]..<offsets[Int(token) + 1]] }

    /// What is left of a token.
    func bytes(of entry: TokenTrie.Entry) -> ArraySlice<UInt8> {
        pool[offsets[Int(entry.token)] + Int(entry.offset)..<offsets[Int(entry.token) + 1]]
    }
}
