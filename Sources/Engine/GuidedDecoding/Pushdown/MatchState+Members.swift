extension MatchState {
    /// What comes after a frame of a set of members.
    mutating func resumeMembers(_ frame: Frame, _ stack: Int32, _ work: inout Closing) {
        switch frame.kind {
        case .opened:
            let set = program.memberSets[Int(frame.place)]
            let nothing = NumberSet(bound: set.count)
            if set.canClose(nothing, count: 0) { work.emit(state(of: set.close), frame.parent) }
            emitNames(set, frame.place, seen: stacks.number(of: nothing), count: 0, frame.parent, &work)
        case .separated:
            let set = program.memberSets[Int(frame.place)]
            emitNames(set, frame.place, seen: frame.seen, count: frame.count, frame.parent, &work)
        case .member:
            let set = program.memberSets[Int(frame.place)]
            let seen = stacks.set(frame.seen)
            if set.canClose(seen, count: frame.count) { work.emit(state(of: set.close), frame.parent) }
            guard !set.allowed(seen, count: frame.count).isEmpty else { return }
            var separated = frame
            separated.kind = .separated
            work.emit(state(of: set.separator), stacks.push(separated))
        case .named:
            let name = stacks.frame(frame.parent)
            let set = program.memberSets[Int(name.place)]
            enterValue(set.values[Int(frame.extra)], name, number: Int(frame.extra), set, &work)
        case .otherNamed:
            let set = program.memberSets[Int(frame.place)]
            let number = set.values.count + Int(frame.extra)
            enterValue(set.others[Int(frame.extra)].value, frame, number: number, set, &work)
        case .bottom, .either, .sequence, .repetition, .name: return
        }
    }

    private mutating func enterValue(
        _ value: Int32,
        _ name: Frame,
        number: Int,
        _ set: MemberProgram,
        _ work: inout Closing
    ) {
        var seen = name.seen
        if number < set.values.count || set.required[number] {
            var numbers = stacks.set(seen)
            numbers[number] = true
            seen = stacks.number(of: numbers)
        }
        let count = set.maximum < 0 ? min(name.count + 1, set.minimum) : name.count + 1
        let member = Frame(kind: .member, place: name.place, count: count, seen: seen, parent: name.parent)
        work.enter(value, stacks.push(member))
    }

    private mutating func emitNames(
        _ set: MemberProgram,
        _ place: Int32,
        seen: Int32,
        count: Int32,
        _ parent: Int32,
        _ work: inout Closing
    ) {
        let allowed = set.allowed(stacks.set(seen), count: count)
        var frame = Frame(kind: .name, place: place, count: count, seen: seen, parent: parent)
        if set.names != 0, allowed.containsAny(of: 0..<Int32(set.values.count)) {
            frame.allowed = stacks.number(of: allowed)
            work.emit(state(of: set.names), stacks.push(frame))
        }
        frame.kind = .otherNamed
        frame.allowed = 0
        for (index, other) in set.others.enumerated() where allowed[set.values.count + index] {
            frame.extra = Int32(index)
            work.emit(state(of: other.name), stacks.push(frame))
        }
    }
}

extension MemberProgram {
    /// What has to be there and isn't yet.
    private func missing(_ seen: NumberSet) -> NumberSet {
        var needed = required
        for (member, closure) in closures.enumerated() where seen[member] || required[member] {
            needed.formUnion(closure)
        }
        return needed.subtracting(seen)
    }

    /// Whether nothing is missing.
    func canClose(_ seen: NumberSet, count: Int32) -> Bool { count >= minimum && missing(seen).isEmpty }

    /// The members that may come next: those behind which what is missing still has room.
    func allowed(_ seen: NumberSet, count: Int32) -> NumberSet {
        var result = possible.subtracting(seen)
        for (index, other) in others.enumerated() where other.name != 0 { result[values.count + index] = true }
        guard maximum >= 0 else { return result }
        let missing = missing(seen)
        let room = Int(maximum) - Int(count)
        for member in 0..<self.count where result[member] {
            var needed = missing
            needed[member] = true
            if member < closures.count { needed.formUnion(closures[member].subtracting(seen)) }
            if needed.count > room { result[member] = false }
        }
        return result
    }
}
