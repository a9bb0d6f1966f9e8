extension MatchState {
    /// Readings with the same state as one, above a frame that stands for all of their stacks.
    ///
    /// What a grammar's alternatives have in common is so read once, and what is ambiguous doesn't grow without end: the
    /// stacks are a graph, as in generalized LR parsing (Tomita, 1987). None are left where that takes too many steps.
    mutating func merged(_ readings: some Collection<Reading>) -> [Reading] {
        guard automaton.count(steps: readings.count) else { return [] }
        var places: [Reading: Int] = [:]
        var result: [Reading] = []
        var stacks: [[Int32]] = []
        for reading in readings {
            let key = mergeKey(reading)
            if let place = places[key] {
                stacks[place].append(reading.stack)
            } else {
                places[key] = result.count
                result.append(reading)
                stacks.append([reading.stack])
            }
        }
        for (place, list) in stacks.enumerated() where list.count > 1 {
            guard automaton.count(steps: self.stacks.memberCount(of: list)) else { return [] }
            result[place].stack = isName(result[place]) ? mergedNames(list) : self.stacks.either(list, limits.readings)
        }
        return result
    }

    private func isName(_ reading: Reading) -> Bool {
        automaton.flags[Int(reading.state)] & LexicalAutomaton.isNames != 0
    }

    /// What has to be the same of readings that become one: the state, and of names also which may come.
    private mutating func mergeKey(_ reading: Reading) -> Reading {
        guard isName(reading) else { return Reading(state: reading.state, stack: -1) }
        var frame = stacks.frame(reading.stack)
        frame.parent = 0
        return Reading(state: reading.state, stack: stacks.push(frame))
    }

    private mutating func mergedNames(_ list: [Int32]) -> Int32 {
        var frame = stacks.frame(list[0])
        frame.parent = stacks.either(list.map { stacks.frame($0).parent }, limits.readings)
        return stacks.push(frame)
    }
}

extension StackTable {
    /// How many stacks some stand for, some of them perhaps several times.
    func memberCount(of list: [Int32]) -> Int {
        list.reduce(0) { count, stack in
            let frame = frame(stack)
            return count + (frame.kind == .either ? stackList(frame.place).count : 1)
        }
    }

    /// A frame that stands for any of some stacks; for those at its beginning where they are too many.
    mutating func either(_ list: [Int32], _ limit: Int) -> Int32 {
        var members: [Int32] = []
        var seen: Set<Int32> = []
        for stack in list {
            let frame = frame(stack)
            for member in frame.kind == .either ? stackList(frame.place) : [stack]
            where members.count < limit && seen.insert(member).inserted {
                members.append(member)
            }
        }
        if members.count == 1 { return members[0] }
        return push(Frame(kind: .either, place: number(of: members)))
    }
}
