extension MatchState {
    /// Adds the tokens that may follow the readings of level 0.
    ///
    /// - Returns: whether the steps were enough.
    mutating func walkAll(_ mask: inout TokenMask, _ steps: inout Int) -> Bool {
        let classes = vocabulary.classes
        let trie = classes.trie
        var node = 1
        while node < trie.count {
            let level = Int(trie.depths[node])
            steps -= levels.range(level - 1).count
            if steps < 0 { return false }
            switch step(to: level, class: trie.bytes[node]) {
            case .alive:
                classes.addTokens(node, to: &mask)
                node += 1
            case .dead: node = Int(trie.ends[node])
            case .mixed:
                for member in classes.members(node) {
                    guard walkMember(Int(member), level, &mask, &steps) else { return false }
                }
                node = Int(trie.ends[node])
            }
        }
        return true
    }

    private mutating func walkMember(
        _ node: Int,
        _ level: Int,
        _ mask: inout TokenMask,
        _ steps: inout Int
    ) -> Bool {
        let trie = vocabulary.trie
        steps -= levels.range(level - 1).count
        guard step(to: level, trie.bytes[node]) else { return true }
        for place in trie.tokens(at: node) { mask[trie.tokens[place]] = true }
        return walk(trie, under: node, at: level, &mask, &steps)
    }

    /// Adds the tokens below a node that may follow the readings of a level.
    ///
    /// - Returns: whether the steps were enough.
    mutating func walk(
        _ trie: TokenTrie,
        under root: Int,
        at base: Int,
        _ mask: inout TokenMask,
        _ steps: inout Int
    ) -> Bool {
        let offset = base - Int(trie.depths[root])
        let end = Int(trie.ends[root])
        var node = root + 1
        while node < end {
            let level = Int(trie.depths[node]) + offset
            steps -= levels.range(level - 1).count
            if steps < 0 { return false }
            if step(to: level, trie.bytes[node]) {
                for place in trie.tokens(at: node) { mask[trie.tokens[place]] = true }
                node += 1
            } else {
                node = Int(trie.ends[node])
            }
        }
        return true
    }

    /// Adds those of some tokens that may go on, behind the quote that ends a JSON string, with the readings of level 0.
    mutating func walkQuoted(_ tokens: StateTokens.Inside, _ mask: inout TokenMask, _ steps: inout Int) {
        let trie = self.tokens.quotes.suffixes
        var found = TokenMask(count: mask.count)
        _ = walk(trie, under: 0, at: 0, &found, &steps)
        switch tokens {
        case .list(let tokens): for token in tokens where found[token] { mask[token] = true }
        case .bits(let other):
            found.formIntersection(other)
            mask.formUnion(found)
        case .both(var other, let tokens):
            for token in tokens { other[token] = true }
            found.formIntersection(other)
            mask.formUnion(found)
        }
    }
}
