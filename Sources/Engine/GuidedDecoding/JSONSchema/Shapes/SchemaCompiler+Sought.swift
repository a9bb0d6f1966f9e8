extension SchemaCompiler {
    /// Most members that are sought in one object.
    private static let soughtLimit = 4

    /// A clause whose sought members are looked for among those that are known by name.
    ///
    /// What may be found among other names stays sought.
    mutating func found(_ clause: ObjectClause) throws(GrammarError) -> [ObjectClause] {
        guard let sought = clause.sought.first else { return [clause] }
        var rest = clause
        rest.sought.removeFirst()
        var result: [ObjectClause] = []
        for member in clause.named where member.value != .none {
            guard try contains(sought.names, names.word(member.name)) else { continue }
            let value = try terms.all([member.value, sought.value])
            if try isEmpty(value, levels: Self.disjointLevels) { continue }
            var one = rest
            one.set(ObjectClause.Named(name: member.name, value: value, isRequired: true))
            result += try found(one)
        }
        for open in clause.open {
            let value = try terms.all([open.value, sought.value])
            guard try !isEmpty(value, levels: Self.disjointLevels), let both = try meet(open.names, sought.names),
                try !isEmpty(both)
            else { continue }
            for var one in try found(rest) {
                one.sought.append(ObjectClause.Open(names: both, value: value))
                result.append(one)
            }
        }
        return result
    }

    /// All ways to put numbers below `count` into groups: one member may be several that are sought.
    private func soughtGroups(_ count: Int) -> [[[Int]]] {
        guard count > 0 else { return [[]] }
        var result: [[[Int]]] = []
        for groups in soughtGroups(count - 1) {
            result.append(groups + [[count - 1]])
            for index in groups.indices {
                var joined = groups
                joined[index].append(count - 1)
                result.append(joined)
            }
        }
        return result
    }

    /// A clause as alternatives in which each sought member is another one.
    mutating func merged(_ clause: ObjectClause) throws(GrammarError) -> [ObjectClause] {
        if clause.sought.count < 2 { return [clause] }
        guard clause.sought.count <= Self.soughtLimit else {
            throw unsupported("not", "asks for more than \(Self.soughtLimit) members that aren't known by name")
        }
        var result: [ObjectClause] = []
        for groups in soughtGroups(clause.sought.count) {
            var one = clause
            one.sought = []
            for group in groups {
                var names: StringClause? = StringClause()
                var values: [Term] = []
                for index in group {
                    values.append(clause.sought[index].value)
                    if let known = names { names = try meet(known, clause.sought[index].names) }
                }
                let value = try terms.all(values)
                guard let names, value != .none, try !isEmpty(names) else { break }
                one.sought.append(ObjectClause.Open(names: names, value: value))
            }
            if one.sought.count == groups.count { result.append(one) }
        }
        return result
    }
}
