extension SchemaCompiler {
    /// Levels of nesting that are looked at to find that two alternatives have no value in common.
    static let disjointLevels = 4

    /// The values that exactly one of several terms has, among those of a shape.
    ///
    /// Alternatives that have nothing in common stay as they are; of others, each is taken without the rest.
    mutating func exactlyOne(of alternatives: [Term], within outer: Shape) throws(GrammarError) -> Shape {
        var result = Shape.none
        var overlaps = [[Int]](repeating: [], count: alternatives.count)
        for i in alternatives.indices {
            for j in alternatives.indices where j > i {
                let both = try terms.all([alternatives[i], alternatives[j]])
                guard try !isEmpty(both, within: outer) else { continue }
                overlaps[i].append(j)
                overlaps[j].append(i)
            }
        }
        for (index, alternative) in alternatives.enumerated() {
            var shape = try self.shape(of: alternative)
            for other in overlaps[index] {
                shape = try pruned(meet(shape, complement(self.shape(of: alternatives[other]))))
            }
            result = result.union(shape)
        }
        return result
    }

    private mutating func isEmpty(_ term: Term, within outer: Shape) throws(GrammarError) -> Bool {
        if try isEmpty(term, levels: Self.disjointLevels) { return true }
        return try pruned(meet(shape(of: term), outer)).isNone
    }

    /// A shape without the clauses that have no value.
    mutating func pruned(_ shape: Shape) throws(GrammarError) -> Shape {
        var result = shape
        result.strings = []
        result.arrays = []
        result.objects = []
        for clause in shape.strings where try !isEmpty(clause) { result.strings.append(clause) }
        for clause in shape.arrays where try !isEmpty(clause, levels: Self.disjointLevels) { result.arrays.append(clause) }
        for clause in shape.objects {
            for part in try found(clause) where try !isEmpty(part, levels: Self.disjointLevels) {
                result.objects.append(part)
            }
        }
        return result
    }

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
            break
        }
        return result
    }
}
