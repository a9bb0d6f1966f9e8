extension SchemaCompiler {
    /// The node of a clause's objects: members in any order.
    mutating func node(of clause: ObjectClause) throws(GrammarError) -> GrammarNode {
        var clause = clause
        for dependency in clause.dependencies {
            for name in [dependency.name] + dependency.requires where clause.named(name) == nil {
                clause.set(try member(name, of: clause))
            }
        }
        let layout = try layout()
        var set = MemberSet(open: layout.openBrace, separator: layout.comma, close: layout.closeBrace)
        set.minimum = clause.minimum
        set.maximum = clause.maximum
        var places: [Int: Int] = [:]
        for member in clause.named {
            let name = Self.quotedSpelling(of: names.word(member.name))
            if member.value == .none {
                if member.isRequired { return try builder.choice([]) }
                set.forbidden.append(name)
            } else {
                places[member.name] = set.named.count
                let value = try self.member(member.value)
                set.named.append(MemberSet.Named(name: name, value: value, isRequired: member.isRequired))
            }
        }
        try add(clause.dependencies, places, to: &set)
        let known = Set(clause.named.map { names.word($0.name) })
        for open in clause.open where open.value != .none {
            let isFree = known.isEmpty && clause.open.count == 1 && open.names == StringClause()
            let name = try isFree ? quoted(open.names) : name(of: open.names, besides: known)
            set.others.append(MemberSet.Other(name: name, value: try member(open.value)))
        }
        for sought in clause.sought {
            let name = try name(of: sought.names, besides: known)
            set.others.append(MemberSet.Other(name: name, value: try member(sought.value), isRequired: true))
        }
        return try builder.members(set)
    }

    /// A class of names without those that are known.
    ///
    /// The set of members takes out the names that it knows as they are spelled there, so that what is left is the
    /// common automaton of strings; here only words go that could be spelled otherwise.
    private mutating func name(
        of names: StringClause,
        besides known: Set<StringClause.Word>
    ) throws(GrammarError) -> Expression {
        let mark = try quotationMark()
        let ambiguous = known.filter(Self.hasSpellings)
        var text = try body(of: names)
        if !ambiguous.isEmpty { text = try excluding(ambiguous, from: text) }
        return try builder.concatenation([mark, text, mark])
    }

    private mutating func add(
        _ dependencies: [ObjectClause.Dependency],
        _ places: [Int: Int],
        to set: inout MemberSet
    ) throws(GrammarError) {
        for dependency in dependencies {
            guard let place = places[dependency.name] else { continue }
            var requires: [Int] = []
            var isPossible = true
            for name in dependency.requires {
                if let other = places[name] { requires.append(other) } else { isPossible = false }
            }
            if isPossible {
                set.named[place].requires += requires
            } else {
                set.named[place].value = try builder.choice([])
            }
        }
    }
}
