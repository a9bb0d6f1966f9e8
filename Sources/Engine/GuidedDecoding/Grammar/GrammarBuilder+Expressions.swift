extension GrammarBuilder {
    /// One byte of a set.
    package mutating func byte(in set: ByteSet) throws(GrammarError) -> Expression {
        Expression(id: try automaton.expressions.byte(in: set))
    }

    /// Exactly these bytes.
    package mutating func literal(_ bytes: [UInt8]) throws(GrammarError) -> Expression {
        Expression(id: try automaton.expressions.literal(bytes))
    }

    /// Exactly this text in UTF-8.
    package mutating func literal(_ text: String) throws(GrammarError) -> Expression {
        try literal(Array(text.utf8))
    }

    /// Any of these words; cheap for thousands of them.
    package mutating func literals(_ words: [[UInt8]]) throws(GrammarError) -> Expression {
        try poll(3 * words.count)
        return Expression(id: try automaton.expressions.trie(Self.sortedUnique(words), areNames: false))
    }

    /// Words of each expression, one behind the other.
    package mutating func concatenation(_ parts: [Expression]) throws(GrammarError) -> Expression {
        try poll(4 + 2 * parts.count)
        var result: Int32 = 1
        for part in parts.reversed() { result = try automaton.expressions.concatenation(part.id, result) }
        return Expression(id: result)
    }

    /// Words of any of the expressions.
    package mutating func union(_ members: [Expression]) throws(GrammarError) -> Expression {
        try poll(4 + members.count)
        return Expression(id: try automaton.expressions.union(members.map(\.id)))
    }

    /// Words that all of the expressions have.
    package mutating func intersection(_ members: [Expression]) throws(GrammarError) -> Expression {
        try poll(4 + members.count)
        return Expression(id: try automaton.expressions.intersection(members.map(\.id)))
    }

    /// All words over all 256 bytes, UTF-8 or not, that the expression doesn't have; to be intersected with what is
    /// meant by "all".
    package mutating func complement(_ expression: Expression) throws(GrammarError) -> Expression {
        Expression(id: try automaton.expressions.complement(expression.id))
    }

    /// Words of an expression but those of another.
    package mutating func difference(_ left: Expression, _ right: Expression) throws(GrammarError) -> Expression {
        try intersection([left, complement(right)])
    }

    /// Words of an expression but the given ones; cheap for thousands of them.
    package mutating func excluding(_ words: [[UInt8]], from expression: Expression) throws(GrammarError) -> Expression
    {
        try poll(4 + 3 * words.count)
        let words = Self.sortedUnique(words)
        return Expression(id: try automaton.expressions.difference(expression.id, literals: words))
    }

    /// `minimum` to `maximum` words of an expression, any number where `maximum` is nil; counted, not unrolled.
    package mutating func repetition(
        _ expression: Expression,
        _ minimum: Int,
        _ maximum: Int?
    ) throws(GrammarError) -> Expression {
        try poll()
        let (minimum, maximum) = try checkedCounts(minimum, maximum)
        if let maximum, maximum < minimum { return .nothing }
        return Expression(id: try automaton.expressions.repetition(expression.id, minimum, maximum))
    }

    /// Any number of words of an expression from `range` on.
    package mutating func repetition(
        _ expression: Expression,
        _ range: PartialRangeFrom<Int>
    ) throws(GrammarError) -> Expression {
        try repetition(expression, range.lowerBound, nil)
    }

    /// A word of an expression or the empty word.
    package mutating func optional(_ expression: Expression) throws(GrammarError) -> Expression {
        try union([.empty, expression])
    }

    /// Decimal digits, leading zeros and none at all included, whose number `modulus` divides.
    package mutating func remainder(modulus: Int) throws(GrammarError) -> Expression {
        guard (1...1_000_000).contains(modulus) else {
            throw GrammarError(.limit, "a number has to be a multiple of \(modulus); the limit is 1000000")
        }
        return Expression(id: try automaton.expressions.remainder(0, modulus: Int32(modulus)))
    }

    /// Whether an expression has no words at all; an automaton is searched for that, within limits.
    package mutating func isNothing(_ expression: Expression) throws(GrammarError) -> Bool {
        try !automaton.isInhabited(expression.id)
    }

    /// Whether every word of an expression is also one of another.
    package mutating func isSubset(_ left: Expression, of right: Expression) throws(GrammarError) -> Bool {
        try isNothing(difference(left, right))
    }

    /// Whether a word belongs to an expression.
    package mutating func matches(_ expression: Expression, _ word: [UInt8]) throws(GrammarError) -> Bool {
        var id = expression.id
        for byte in word where id != 0 { id = try automaton.expressions.derivative(id, byte).expression }
        return automaton.expressions.isNullable(id)
    }

    static func sortedUnique(_ words: [[UInt8]]) -> [[UInt8]] {
        var result: [[UInt8]] = []
        for word in words.sorted(by: { $0.lexicographicallyPrecedes($1) }) where result.last != word {
            result.append(word)
        }
        return result
    }
}
