extension SchemaCompiler {
    /// Levels of nesting that are looked at to find that two alternatives have no value in common.
    static let disjointLevels = 4

    /// The values that exactly one of several terms has, among those of a shape.
    ///
    /// Alternatives that have nothing in common stay as they are; of others, each is taken without the rest.
    mutating func exactlyOne(of alternatives: [Term], within outer: Shape) throws(GrammarError) -> Shape {
        var shapes: [Shape] = []
        for alternative in alternatives { shapes.append(try meet(outer, shape(of: alternative))) }
        var result = Shape.none
        for (index, shape) in shapes.enumerated() {
            var rest = shape
            for (other, taken) in shapes.enumerated() where other != index { rest = try subtract(taken, from: rest) }
            result = result.union(rest)
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
