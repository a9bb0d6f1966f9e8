extension MatchState {
    /// Steps of a first look at a state, before it pays to find out all about it.
    private static let firstLook = 3000
    /// So few tokens are tried one by one rather than with all others.
    private static let fewTokens = 2000

    /// Writes which tokens may come next in a situation.
    ///
    /// - Parameter budgets: How many masks' steps it may take.
    /// - Returns: whether they were found within the limits; if not, none is allowed.
    mutating func allow(_ situation: Int32, _ mask: inout TokenMask, budgets: Int = 1) -> Bool {
        mask.removeAll()
        lastSteps = 0
        if let known = masks[situation] {
            mask.formUnion(known)
            return true
        }
        automaton.beginToken(budgets: budgets)
        let most = limits.maskSteps * budgets
        var steps = most
        find(situation, &mask, &steps)
        lastSteps = most - steps + automaton.stepsTaken + limits.matchSteps * (budgets - 1)
        guard steps >= 0, !automaton.isOverrun else {
            mask.removeAll()
            return false
        }
        if most - steps > 2000 { masks.remember(situation, mask) }
        return true
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
            let isDone = walkAll(&mask, &look)
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
        for reading in readings where steps >= 0 {
            if automaton.flags[Int(reading.state)] & LexicalAutomaton.isNames != 0 {
                names.append(reading)
            } else if readings.count == 1 || !isFound(reading, &mask, &steps) {
                steps -= isList(reading.state) ? Self.firstLook : vocabulary.classes.trie.count
                groups.add(reading, learn(reading.state))
            }
        }
        guard !names.isEmpty else { return }
        levels.begin(names)
        _ = walkAll(&mask, &steps)
    }

    /// Looks at one reading alone, which takes few steps where it is a literal, however many of them there are.
    ///
    /// - Returns: whether all its tokens were found.
    private mutating func isFound(_ reading: Reading, _ mask: inout TokenMask, _ steps: inout Int) -> Bool {
        var look = min(Self.firstLook, steps)
        let before = look
        levels.begin([reading])
        defer { steps -= before - look }
        return walkAll(&mask, &look)
    }

    /// Whether a state is that of a list of words, which are looked up in the vocabulary.
    private func isList(_ state: Int32) -> Bool {
        automaton.expressions.node(automaton.expressionOfState[Int(state)]).kind == .trie
    }

    /// Adds the tokens of readings whose states are known.
    private mutating func add(_ group: ReadingGroups.Group, _ mask: inout TokenMask, _ steps: inout Int) {
        let reference = group.reference
        let before = group.exceptions.map { mask[$0] }
        reference.inside.add(to: &mask)
        let rest = following(group.readings)
        if !rest.isEmpty {
            if !reference.quoted.isEmpty {
                levels.begin(rest)
                walkQuoted(reference.quoted, &mask, &steps)
            }
            if reference.endsAnywhere {
                if let refused = mask.refused(atMost: Self.fewTokens) {
                    // Free text allows nearly all; only what it doesn't can be changed by what may come behind it.
                    for token in refused where read(token, from: group.readings) != nil { mask[token] = true }
                    steps -= refused.count
                } else {
                    levels.begin(group.readings)
                    _ = walkAll(&mask, &steps)
                }
            } else {
                for exit in reference.exits {
                    levels.begin(rest)
                    _ = walk(vocabulary.trie, under: Int(exit), at: 0, &mask, &steps)
                }
            }
        }
        for (token, wasAllowed) in zip(group.exceptions, before) {
            mask[token] = wasAllowed || read(token, from: group.readings) != nil
        }
    }

    /// What comes after some readings' expressions, but for the end.
    private mutating func following(_ readings: [Reading]) -> [Reading] {
        var rest: [Reading] = []
        for reading in readings {
            for place in following(reading.stack) {
                let next = stacks.reading(place)
                if next.state != 1, rest.count > 8 || !rest.contains(next) { rest.append(next) }
            }
        }
        return rest.count > 4 ? merged(rest) : rest
    }
}
