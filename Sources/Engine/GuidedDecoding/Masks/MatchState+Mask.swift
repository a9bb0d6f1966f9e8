extension MatchState {
    /// Steps of a first look at a state, before it pays to find out all about it.
    private static let firstLook = 3000

    /// Writes which tokens may come next in a situation.
    mutating func allow(_ situation: Int32, _ mask: inout TokenMask) {
        if let known = masks[situation] {
            mask.removeAll()
            mask.formUnion(known)
            return
        }
        mask.removeAll()
        var steps = limits.maskSteps
        find(situation, &mask, &steps)
        if limits.maskSteps - steps > 2000 { masks.remember(situation, mask) }
    }

    private mutating func find(_ situation: Int32, _ mask: inout TokenMask, _ steps: inout Int) {
        var groups = ReadingGroups()
        var others: [Reading] = []
        for reading in situations[situation] where reading.state != 1 {
            if automaton.flags[Int(reading.state)] & LexicalAutomaton.isNames != 0 {
                others.append(reading)
            } else if let known = knowledge(reading.state) {
                groups.add(reading, known)
            } else {
                others.append(reading)
            }
        }
        if !others.isEmpty {
            var look = min(Self.firstLook, steps)
            levels.begin(others)
            let isDone = walk(vocabulary.trie, under: 0, &mask, &look)
            steps -= Self.firstLook - look
            if !isDone { lookCloser(others, &groups, &mask, &steps) }
        }
        for group in groups.groups { add(group, &mask, &steps) }
    }

    /// Finds out all about the states of readings that have too many tokens to be tried one by one.
    private mutating func lookCloser(
        _ readings: [Reading],
        _ groups: inout ReadingGroups,
        _ mask: inout TokenMask,
        _ steps: inout Int
    ) {
        var names: [Reading] = []
        for reading in readings {
            if automaton.flags[Int(reading.state)] & LexicalAutomaton.isNames != 0 {
                names.append(reading)
            } else {
                steps -= vocabulary.trie.count
                groups.add(reading, learn(reading.state))
            }
        }
        guard !names.isEmpty else { return }
        levels.begin(names)
        _ = walk(vocabulary.trie, under: 0, &mask, &steps)
    }

    /// Adds the tokens of readings whose states are known.
    private mutating func add(_ group: ReadingGroups.Group, _ mask: inout TokenMask, _ steps: inout Int) {
        let exceptions = group.exceptions
        let before = exceptions.map { mask[$0] }
        TokenTables.add(group.reference.inside, to: &mask)
        var rest: [Reading] = []
        for reading in group.readings {
            for place in following(reading.stack) {
                let next = stacks.reading(place)
                if next.state != 1, rest.count > 8 || !rest.contains(next) { rest.append(next) }
            }
        }
        if !rest.isEmpty {
            levels.begin(rest)
            _ = walk(group.reference.suffixes, under: 0, &mask, &steps)
            for exit in group.reference.exits {
                levels.begin(rest)
                _ = walk(vocabulary.trie, under: Int(exit), &mask, &steps)
            }
        }
        for (token, wasAllowed) in zip(exceptions, before) {
            mask[token] = wasAllowed || read(token, from: group.readings) != nil
        }
    }

    /// Adds the tokens below a node that may follow the readings of level 0.
    ///
    /// - Returns: whether the steps were enough.
    private mutating func walk(
        _ trie: TokenTrie,
        under root: Int,
        _ mask: inout TokenMask,
        _ steps: inout Int
    ) -> Bool {
        let base = Int(trie.depths[root])
        let end = Int(trie.ends[root])
        var node = root + 1
        while node < end {
            let level = Int(trie.depths[node]) - base
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
}
