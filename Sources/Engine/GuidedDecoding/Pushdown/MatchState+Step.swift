extension MatchState {
    /// Finds the readings of a level: those of the level below gone on by a byte.
    ///
    /// - Returns: whether there are any.
    @inline(__always)
    mutating func step(to level: Int, _ byte: UInt8) -> Bool {
        levels.cut(above: level - 1)
        for place in levels.range(level - 1) {
            let reading = levels.readings[place]
            let state = automaton.next(reading.state, byte)
            if state == 0 { continue }
            if automaton.flags[Int(state)] & (LexicalAutomaton.isAccepting | LexicalAutomaton.isNames) == 0 {
                levels.append(Reading(state: state, stack: reading.stack))
            } else {
                arrive(state, reading.stack)
            }
        }
        return finish(level)
    }

    /// Finds the readings of a level: those of the level below gone on by any byte of a class.
    @inline(__always)
    mutating func step(to level: Int, class number: UInt8) -> ClassStep {
        levels.cut(above: level - 1)
        for place in levels.range(level - 1) {
            let reading = levels.readings[place]
            let state = automaton.next(reading.state, class: number)
            if state == 0 { continue }
            if state == LexicalAutomaton.mixed { return .mixed }
            if automaton.flags[Int(state)] & (LexicalAutomaton.isAccepting | LexicalAutomaton.isNames) == 0 {
                levels.append(Reading(state: state, stack: reading.stack))
            } else {
                arrive(state, reading.stack)
            }
        }
        return finish(level) ? .alive : .dead
    }

    @inline(__always)
    private mutating func finish(_ level: Int) -> Bool {
        let isAlive = levels.finish(level, limit: limits.readings)
        if levels.range(level).count > 4, levels.hasEqualStates(level) {
            levels.replace(level, merged(levels.readings[levels.range(level)]))
        }
        return isAlive
    }

    /// What comes of a step by a class of bytes.
    enum ClassStep {
        /// No byte is allowed.
        case dead
        /// All bytes are, and lead to the same.
        case alive
        /// The bytes lead to several readings, or some of them aren't allowed.
        case mixed
    }

    /// Takes in a state in which a word may end, or which is part of a name.
    private mutating func arrive(_ state: Int32, _ stack: Int32) {
        let flags = automaton.flags[Int(state)]
        var top = stack
        if flags & LexicalAutomaton.isNames != 0 {
            let allowed = stacks.set(stacks.frame(stack).allowed)
            let names = automaton.names(state)
            guard allowed.containsAny(of: names) else { return }
            let isEnd = flags & LexicalAutomaton.isAccepting != 0
            if !isEnd || allowed.containsAny(of: names.lowerBound + 1..<max(names.lowerBound + 1, names.upperBound)) {
                levels.append(Reading(state: state, stack: stack))
            }
            guard isEnd, allowed[Int(names.lowerBound)] else { return }
            top = stacks.push(Frame(kind: .named, extra: names.lowerBound, parent: stack))
        } else if state != 1 {
            levels.append(Reading(state: state, stack: stack))
        }
        if flags & LexicalAutomaton.isAccepting != 0 {
            for place in following(top) { levels.append(stacks.reading(place)) }
        }
    }

    /// Whether a token may follow some readings; if so, the levels hold the readings behind it.
    mutating func read(_ token: Int32, from readings: some Collection<Reading>) -> Int? {
        levels.begin(readings)
        var level = 0
        for byte in vocabulary.words.bytes(of: token) {
            level += 1
            guard step(to: level, byte) else { return nil }
        }
        return level > 0 ? level : nil
    }

    /// The situation behind a token; nil if the token isn't allowed.
    mutating func advance(_ situation: Int32, _ token: Int32) -> Int32? {
        automaton.beginToken()
        return next(situation, token)
    }

    /// How many tokens of an output may take as many steps as one mask when they are read again.
    private static let tokensPerBudget = 64

    /// The situation behind the tokens of an output; nil, with nothing learned, where that is too much for the tables.
    ///
    /// - Parameter isUrgent: whether the tables may be worn afterwards, as long as they aren't spent.
    mutating func situation(behind output: [Int32], isUrgent: Bool) -> Int32? {
        // Others use the tables too, so what fails mustn't spend them.
        var trial = self
        var place = trial.beginning()
        trial.automaton.beginToken(budgets: 1 + output.count / Self.tokensPerBudget)
        for token in output {
            guard let next = trial.next(place, token), !trial.automaton.isExhausted else { return nil }
            place = next
        }
        guard !(isUrgent ? trial.isSpent : trial.isWorn), !trial.automaton.isOverrun else { return nil }
        self = trial
        return place
    }

    private mutating func next(_ situation: Int32, _ token: Int32) -> Int32? {
        guard token >= 0, Int(token) < vocabulary.count else { return nil }
        let readings = situations[situation]
        if let level = read(token, from: readings) {
            return situations.number(of: levels.readings[levels.range(level)])
        }
        // Where readings were forgotten, those that can go on may have been among them.
        for reading in readings where readings.count > 1 {
            if let level = read(token, from: CollectionOfOne(reading)) {
                return situations.number(of: levels.readings[levels.range(level)])
            }
        }
        return nil
    }
}
