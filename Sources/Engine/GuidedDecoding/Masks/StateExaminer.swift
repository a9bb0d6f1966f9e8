/// Walks a vocabulary with a state of an automaton alone.
struct StateExaminer {
    let vocabulary: TokenVocabulary
    /// An exit with at least so many tokens below stays one; the others' tokens are collected.
    private static let largeExit = 2000

    /// What a state says of all tokens.
    func examine(_ state: Int32, _ automaton: inout LexicalAutomaton) -> StateTokens {
        let trie = vocabulary.trie
        var path = [Int32](repeating: 0, count: TokenVocabulary.longestToken * 2)
        path[0] = state
        var inside: [Int32] = []
        var exits: [Int32] = []
        var node = 1
        while node < trie.count {
            let depth = Int(trie.depths[node])
            let next = automaton.next(path[depth - 1], trie.bytes[node])
            if next == 0 {
                node = Int(trie.ends[node])
                continue
            }
            path[depth] = next
            for place in trie.tokens(at: node) { inside.append(trie.tokens[place]) }
            let isLeaf = Int(trie.ends[node]) == node + 1
            if !isLeaf, automaton.flags[Int(next)] & LexicalAutomaton.isAccepting != 0 { exits.append(Int32(node)) }
            node += 1
        }
        return StateTokens(inside: pack(inside), exits: exits.filter(isLarge), suffixes: suffixes(exits))
    }

    private func isLarge(_ node: Int32) -> Bool {
        vocabulary.trie.tokens(from: Int(node)).count >= Self.largeExit
    }

    private func pack(_ tokens: [Int32]) -> StateTokens.Inside {
        guard tokens.count > vocabulary.count / 64 else { return .list(tokens) }
        var mask = TokenMask(count: vocabulary.count)
        for token in tokens { mask[token] = true }
        return .bits(mask)
    }

    private func suffixes(_ exits: [Int32]) -> TokenTrie {
        let trie = vocabulary.trie
        var entries: [TokenTrie.Entry] = []
        for exit in exits where !isLarge(exit) {
            let own = trie.tokens(at: Int(exit)).count
            for token in trie.tokens(from: Int(exit)).dropFirst(own) {
                entries.append(TokenTrie.Entry(token: token, offset: Int32(trie.depths[Int(exit)])))
            }
        }
        return TokenTrie(entries, of: vocabulary.words)
    }

    /// The long tokens that two states don't say the same of; they say the same of all others.
    func differences(_ first: Int32, _ second: Int32, _ automaton: inout LexicalAutomaton) -> [Int32] {
        let trie = vocabulary.longTokens
        var path = [(Int32, Int32)](repeating: (0, 0), count: TokenVocabulary.longestToken * 2)
        path[0] = (first, second)
        var result: [Int32] = []
        var node = 1
        while node < trie.count {
            let depth = Int(trie.depths[node])
            let byte = trie.bytes[node]
            let left = automaton.next(path[depth - 1].0, byte)
            let right = automaton.next(path[depth - 1].1, byte)
            let accepting = LexicalAutomaton.isAccepting
            let differs = (automaton.flags[Int(left)] ^ automaton.flags[Int(right)]) & accepting != 0
            if differs || (left == 0) != (right == 0) {
                result.append(contentsOf: trie.tokens(from: node))
                node = Int(trie.ends[node])
            } else if left == right {
                node = Int(trie.ends[node])
            } else {
                path[depth] = (left, right)
                node += 1
            }
        }
        return result
    }
}
