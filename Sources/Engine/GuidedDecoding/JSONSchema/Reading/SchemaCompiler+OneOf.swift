extension SchemaCompiler {
    /// Levels of nesting that are looked at to find that two alternatives have no value in common.
    static let disjointLevels = 4

    /// The values that exactly one of several terms has, among those of a shape.
    ///
    /// Alternatives that have nothing in common stay as they are; of others, each is taken without the rest.
    mutating func exactlyOne(of alternatives: [Term], within outer: Shape) throws(GrammarError) -> Shape {
        try check(alternatives.count)
        var shapes: [Shape] = []
        for alternative in alternatives { shapes.append(try meet(outer, shape(of: alternative))) }
        var result = Shape.none
        for (index, shape) in shapes.enumerated() {
            var rest = shape
            for (other, taken) in shapes.enumerated() where other != index { rest = try subtract(taken, from: rest) }
            result = try union(result, rest)
        }
        return result
    }
}
