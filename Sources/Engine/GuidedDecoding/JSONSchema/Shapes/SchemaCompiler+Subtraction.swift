extension SchemaCompiler {
    /// The values of a shape that aren't in another.
    ///
    /// Clauses that have nothing in common with what is taken away stay as they are; so what is made is small where
    /// alternatives are told apart by a type or a member.
    mutating func subtract(_ other: Shape, from shape: Shape) throws(GrammarError) -> Shape {
        var result = shape
        result.hasNull = shape.hasNull && !other.hasNull
        result.hasFalse = shape.hasFalse && !other.hasFalse
        result.hasTrue = shape.hasTrue && !other.hasTrue
        for taken in other.numbers {
            let complement = taken.complement
            var rest: [NumberClause] = []
            for clause in result.numbers {
                if clause.meet(taken) == nil { rest.append(clause) } else { rest += complement.compactMap(clause.meet) }
            }
            result.numbers = rest
            try check(rest.count)
        }
        for taken in other.strings { result.strings = try subtract(taken, from: result.strings) }
        for taken in other.arrays { result.arrays = try subtract(taken, from: result.arrays) }
        for taken in other.objects { result.objects = try subtract(taken, from: result.objects) }
        return result
    }

    /// The strings of clauses that aren't in another.
    mutating func subtract(
        _ taken: StringClause,
        from clauses: [StringClause]
    ) throws(GrammarError) -> [StringClause] {
        var rest: [StringClause] = []
        for clause in clauses {
            guard let both = try meet(clause, taken), try !isEmpty(both) else {
                rest.append(clause)
                continue
            }
            for other in try complement(taken) {
                if let left = try meet(clause, other), try !isEmpty(left) { rest.append(left) }
            }
        }
        try check(rest.count)
        return rest
    }

    private mutating func subtract(_ taken: ArrayClause, from clauses: [ArrayClause]) throws(GrammarError)
        -> [ArrayClause]
    {
        var rest: [ArrayClause] = []
        for clause in clauses {
            guard let both = try meet(clause, taken), try !isEmpty(both, levels: Self.disjointLevels) else {
                rest.append(clause)
                continue
            }
            for other in try complement(taken) {
                if let left = try meet(clause, other), try !isEmpty(left, levels: Self.disjointLevels) {
                    rest.append(left)
                }
            }
        }
        try check(rest.count)
        return rest
    }

    private mutating func subtract(
        _ taken: ObjectClause,
        from clauses: [ObjectClause]
    ) throws(GrammarError) -> [ObjectClause] {
        var rest: [ObjectClause] = []
        for clause in clauses {
            if try isEmpty(meet(clause, taken), levels: Self.disjointLevels) {
                rest.append(clause)
                continue
            }
            for other in try complement(taken) {
                for left in try found(meet(clause, other)) where try !isEmpty(left, levels: Self.disjointLevels) {
                    rest.append(left)
                }
            }
        }
        try check(rest.count)
        return rest
    }
}
