/// Where tokens end a JSON string that was open before them, and what is left of them then.
struct QuoteExits: Sendable {
    /// What is left of the tokens that end a string and go on.
    let suffixes: TokenTrie
    /// The beginnings of tokens, up to where a string ends; in the place of tokens, the nodes of the trie of bytes.
    let prefixes: TokenTrie
    /// The tokens that end with a string.
    let closing: TokenMask
    /// Whether a node of the trie of bytes is where a string ends.
    let isExit: [Bool]
    /// Whether all that a node of the trie of classes stands for is where a string ends.
    let isClassExit: [Bool]

    /// Finds out what an automaton's state inside of a string, wherever it began, says of a vocabulary.
    init(_ state: Int32, _ automaton: inout LexicalAutomaton, _ vocabulary: TokenVocabulary) {
        let trie = vocabulary.trie
        var isExit = [Bool](repeating: false, count: trie.count)
        var entries: [TokenTrie.Entry] = []
        var nodes: [Int32] = []
        var beginnings: [[UInt8]] = []
        var closing = TokenMask(count: vocabulary.count)
        var bytes: [UInt8] = [0]
        var path = [Int32](repeating: state, count: TokenVocabulary.longestToken * 2)
        var node = 1
        while node < trie.count {
            let depth = Int(trie.depths[node])
            let next = automaton.next(path[depth - 1], trie.bytes[node])
            path[depth] = next
            bytes.removeLast(bytes.count - depth)
            bytes.append(trie.bytes[node])
            if automaton.flags[Int(next)] & LexicalAutomaton.isAccepting != 0 {
                isExit[node] = true
                nodes.append(Int32(node))
                beginnings.append(Array(bytes.dropFirst()))
                for place in trie.tokens(at: node) { closing[trie.tokens[place]] = true }
                for token in trie.tokens(from: node).dropFirst(trie.tokens(at: node).count) {
                    entries.append(TokenTrie.Entry(token: token, offset: Int32(depth)))
                }
                node = Int(trie.ends[node])
            } else {
                node = next == 0 ? Int(trie.ends[node]) : node + 1
            }
        }
        suffixes = TokenTrie(entries, of: vocabulary.words)
        prefixes = TokenTrie(beginnings, numbered: nodes)
        self.closing = closing
        isClassExit = (0..<vocabulary.classes.trie.count).map { node in
            let members = vocabulary.classes.members(node)
            return members.allSatisfy { isExit[Int($0)] } && !members.isEmpty
        }
        self.isExit = isExit
    }
}
