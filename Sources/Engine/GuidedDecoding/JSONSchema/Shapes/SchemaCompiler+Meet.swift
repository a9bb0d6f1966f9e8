extension SchemaCompiler {
    /// Most clauses of one type that a shape may have.
    static let clauseLimit = 1_000
    /// Most pairs of clauses of strings that are looked at one by one.
    static let foldedStrings = 8

    /// The values of both shapes.
    mutating func meet(_ left: Shape, _ right: Shape) throws(GrammarError) -> Shape {
        var result = Shape.none
        result.hasNull = left.hasNull && right.hasNull
        result.hasFalse = left.hasFalse && right.hasFalse
        result.hasTrue = left.hasTrue && right.hasTrue
        if left.numbers == [NumberClause()] {
            result.numbers = right.numbers
        } else {
            for a in left.numbers {
                for b in right.numbers {
                    if let both = a.meet(b) { result.numbers.append(both) }
                }
                try check(result.numbers.count)
            }
        }
        result.strings = try meet(left.strings, right.strings)
        result.arrays = try meet(left.arrays, right.arrays)
        result.objects = try meet(left.objects, right.objects)
        return result
    }

    /// Throws where a shape gets too many clauses.
    func check(_ count: Int) throws(GrammarError) {
        guard count <= Self.clauseLimit else {
            let path = document.pointer(to: reading)
            throw GrammarError(.limit, "the schema at \(path) combines more than \(Self.clauseLimit) alternatives")
        }
    }

    private mutating func meet(_ left: [StringClause], _ right: [StringClause]) throws(GrammarError) -> [StringClause] {
        if left == [StringClause()] { return right }
        if right == [StringClause()] { return left }
        // Patterns are cheaper in one automaton than as alternatives that multiply.
        if left.count * right.count > Self.foldedStrings {
            return try [meet(folded(left), folded(right))].compactMap(\.self)
        }
        var result: [StringClause] = []
        for a in left {
            for b in right {
                if let both = try meet(a, b), !result.contains(both) { result.append(both) }
            }
            try check(result.count)
        }
        return result
    }

    private mutating func meet(_ left: [ArrayClause], _ right: [ArrayClause]) throws(GrammarError) -> [ArrayClause] {
        if left == [ArrayClause()] { return right }
        if right == [ArrayClause()] { return left }
        var result: [ArrayClause] = []
        for a in left {
            for b in right {
                if let both = try meet(a, b), !result.contains(both) { result.append(both) }
            }
            try check(result.count)
        }
        return result
    }

    /// The arrays of both clauses; `nil` if there are none.
    mutating func meet(_ left: ArrayClause, _ right: ArrayClause) throws(GrammarError) -> ArrayClause? {
        try builder.poll(12 + 6 * (left.prefix.count + right.prefix.count))
        var result = ArrayClause()
        for index in 0..<max(left.prefix.count, right.prefix.count) {
            result.prefix.append(try terms.all([left.term(at: index), right.term(at: index)]))
        }
        result.rest = try terms.all([left.rest, right.rest])
        result.minimum = max(left.minimum, right.minimum)
        result.maximum = Self.smaller(left.maximum, right.maximum)
        result.contained = left.contained + right.contained.filter { !left.contained.contains($0) }
        result.isUnique = left.isUnique || right.isUnique
        return result.pruned
    }

    static func smaller(_ left: Int?, _ right: Int?) -> Int? {
        guard let left else { return right }
        return min(left, right ?? left)
    }

    private mutating func meet(_ left: [ObjectClause], _ right: [ObjectClause]) throws(GrammarError) -> [ObjectClause] {
        if left.count == 1, left[0].isAny { return right }
        if right.count == 1, right[0].isAny { return left }
        var result: [ObjectClause] = []
        for a in left {
            for b in right {
                let both = try meet(a, b)
                if !both.isEmpty, !result.contains(both) { result.append(both) }
            }
            try check(result.count)
        }
        return result
    }

    /// The objects of both clauses.
    mutating func meet(_ left: ObjectClause, _ right: ObjectClause) throws(GrammarError) -> ObjectClause {
        try builder.poll(
            12 + 6 * (left.named.count + right.named.count) + left.dependencies.count * right.dependencies.count
        )
        var result = ObjectClause()
        for member in left.named {
            let other = try self.member(member.name, of: right)
            let value = try terms.all([member.value, other.value])
            let isRequired = member.isRequired || other.isRequired
            result.set(ObjectClause.Named(name: member.name, value: value, isRequired: isRequired))
        }
        for member in right.named where left.named(member.name) == nil {
            let other = try self.member(member.name, of: left)
            let value = try terms.all([member.value, other.value])
            result.set(ObjectClause.Named(name: member.name, value: value, isRequired: member.isRequired))
        }
        result.open = try meet(left.open, right.open)
        result.minimum = max(left.minimum, right.minimum)
        result.maximum = Self.smaller(left.maximum, right.maximum)
        result.dependencies = left.dependencies + right.dependencies.filter { !left.dependencies.contains($0) }
        result.sought = left.sought + right.sought.filter { !left.sought.contains($0) }
        return result
    }

    private mutating func meet(
        _ left: [ObjectClause.Open],
        _ right: [ObjectClause.Open]
    ) throws(GrammarError) -> [ObjectClause.Open] {
        var result: [ObjectClause.Open] = []
        for a in left {
            for b in right {
                guard let names = try meet(a.names, b.names) else { continue }
                if left.count > 1, right.count > 1, try isEmpty(names) { continue }
                result.append(ObjectClause.Open(names: names, value: try terms.all([a.value, b.value])))
            }
            try check(result.count)
        }
        return result
    }

    /// What a clause says of the member with a name.
    mutating func member(_ name: Int, of clause: ObjectClause) throws(GrammarError) -> ObjectClause.Named {
        if let known = clause.named(name) { return known }
        var result = ObjectClause.Named(name: name, value: .none, isRequired: false)
        let word = names.word(name)
        for open in clause.open where try contains(open.names, word) { result.value = open.value }
        return result
    }
}
