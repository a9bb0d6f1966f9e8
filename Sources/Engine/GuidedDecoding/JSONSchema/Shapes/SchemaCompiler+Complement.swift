extension SchemaCompiler {
    /// The arrays that aren't in a clause.
    mutating func complement(_ clause: ArrayClause) throws(GrammarError) -> [ArrayClause] {
        guard !clause.isUnique else { throw unsupported("not", "would ask for an array with two equal elements") }
        var result: [ArrayClause] = []
        for (index, term) in clause.prefix.enumerated() where term != .any {
            var opposite = ArrayClause(minimum: index + 1)
            opposite.prefix = [Term](repeating: .any, count: index) + [try terms.not(term)]
            result.append(opposite)
        }
        if clause.rest != .any, clause.maximum.map({ $0 > clause.prefix.count }) ?? true {
            let start = clause.prefix.count
            let other = ArrayClause.Contained(term: try terms.not(clause.rest), start: start, minimum: 1)
            result.append(ArrayClause(contained: [other]))
        }
        if clause.minimum > 0 { result.append(ArrayClause(maximum: clause.minimum - 1)) }
        if let maximum = clause.maximum { result.append(ArrayClause(minimum: maximum + 1)) }
        for contained in clause.contained {
            if contained.minimum > 0 {
                var fewer = contained
                (fewer.minimum, fewer.maximum) = (0, contained.minimum - 1)
                result.append(ArrayClause(contained: [fewer]))
            }
            if let maximum = contained.maximum {
                var more = contained
                (more.minimum, more.maximum) = (maximum + 1, nil)
                result.append(ArrayClause(contained: [more]))
            }
        }
        return result.compactMap(\.pruned)
    }

    /// The objects that aren't in a clause.
    mutating func complement(_ clause: ObjectClause) throws(GrammarError) -> [ObjectClause] {
        var result: [ObjectClause] = []
        for sought in clause.sought {
            var without = ObjectClause()
            without.open = [ObjectClause.Open(names: sought.names, value: try terms.not(sought.value))]
            for others in try complement(sought.names) {
                without.open.append(ObjectClause.Open(names: others, value: .any))
            }
            result.append(without)
        }
        for member in clause.named {
            if member.isRequired {
                var without = ObjectClause()
                without.set(ObjectClause.Named(name: member.name, value: .none, isRequired: false))
                result.append(without)
            }
            if member.value != .any {
                var other = ObjectClause()
                let value = try terms.not(member.value)
                other.set(ObjectClause.Named(name: member.name, value: value, isRequired: true))
                result.append(other)
            }
        }
        for open in clause.open where open.value != .any {
            var other = ObjectClause()
            // Names that the clause knows are never the ones that are sought: they have alternatives of their own.
            let known = StringClause(language: .others(Set(clause.named.map { names.word($0.name) })))
            guard let names = try clause.named.isEmpty ? open.names : meet(open.names, known) else { continue }
            other.sought = [ObjectClause.Open(names: names, value: try terms.not(open.value))]
            result.append(other)
        }
        if clause.minimum > 0 {
            var fewer = ObjectClause()
            fewer.maximum = clause.minimum - 1
            result.append(fewer)
        }
        if let maximum = clause.maximum {
            var more = ObjectClause()
            more.minimum = maximum + 1
            result.append(more)
        }
        for dependency in clause.dependencies {
            for name in dependency.requires {
                var without = ObjectClause()
                without.set(ObjectClause.Named(name: dependency.name, value: .any, isRequired: true))
                without.set(ObjectClause.Named(name: name, value: .none, isRequired: false))
                result.append(without)
            }
        }
        return result
    }
}
