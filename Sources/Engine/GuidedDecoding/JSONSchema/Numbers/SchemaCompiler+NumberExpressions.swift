internal import OrderedJSON

extension SchemaCompiler {
    /// Most multiples that are written out one by one.
    static let multiplesLimit = 2_000

    /// A clause's numbers as they are written: with an exponent only where nothing is asked of the number.
    mutating func expression(of clause: NumberClause) throws(GrammarError) -> Expression {
        if clause == NumberClause() { return try anyNumber() }
        if let point = clause.point { return try spellings(of: point, clause.fraction) }
        let clause = clause.fraction == .absent ? clause.withWholeDivisors : clause
        if let listed = try listedMultiples(of: clause) { return listed }
        var parts = [try range(clause)]
        if clause.fraction == .present {
            parts.append(try signed(builder.concatenation([wholeNumber(), fraction(isZero: false)])))
        }
        for divisor in clause.divisors { parts.append(try multiples(of: divisor)) }
        for divisor in clause.nonDivisors { parts.append(try builder.complement(multiples(of: divisor))) }
        return try builder.intersection(parts)
    }

    private mutating func anyNumber() throws(GrammarError) -> Expression {
        if let known = numbers.any { return known }
        let some = try builder.repetition(digit(0...9), 1, nil)
        let fraction = try builder.optional(builder.concatenation([builder.literal("."), some]))
        let sign = try builder.optional(builder.byte(in: ByteSet("+-".utf8)))
        // Exponents stay in the range of a `Double`.
        let size = try builder.union([
            builder.repetition(digit(0...9), 1, 2),
            builder.concatenation([digit(1...2), digit(0...9), digit(0...9)]),
        ])
        let exponent = try builder.concatenation([builder.byte(in: ByteSet("eE".utf8)), sign, size])
        let minus = try builder.optional(builder.literal("-"))
        let made = try builder.concatenation([minus, wholeNumber(), fraction, builder.optional(exponent)])
        numbers.any = made
        return made
    }

    /// `0`, or digits that don't begin with one.
    mutating func wholeNumber() throws(GrammarError) -> Expression {
        if let known = numbers.whole { return known }
        let some = try builder.repetition(digit(0...9), 0, nil)
        let made = try builder.union([digit(0...0), builder.concatenation([digit(1...9), some])])
        numbers.whole = made
        return made
    }

    /// A number with and without a minus.
    mutating func signed(_ magnitude: Expression) throws(GrammarError) -> Expression {
        try builder.concatenation([builder.optional(builder.literal("-")), magnitude])
    }

    /// A point and digits that are all zero, or not all.
    mutating func fraction(isZero: Bool) throws(GrammarError) -> Expression {
        let point = try builder.literal(".")
        if isZero { return try builder.concatenation([point, builder.repetition(digit(0...0), 1, nil)]) }
        let zeros = try builder.repetition(digit(0...0), 0, nil)
        let rest = try builder.repetition(digit(0...9), 0, nil)
        return try builder.concatenation([point, zeros, digit(1...9), rest])
    }

    /// One number, with and without a fraction of zeros.
    private mutating func spellings(of point: Decimal, _ fraction: NumberClause.Fraction) throws(GrammarError)
        -> Expression
    {
        let text = try builder.literal(point.text)
        guard point.isInteger, fraction == .free else { return text }
        return try builder.concatenation([text, builder.optional(builder.literal(".0"))])
    }

    /// A digit of a range.
    mutating func digit(_ range: ClosedRange<UInt8>) throws(GrammarError) -> Expression {
        let zero = UInt8(ascii: "0")
        return try builder.byte(in: ByteSet((range.lowerBound + zero)...(range.upperBound + zero)))
    }

    /// The multiples in a bounded range of whole numbers, one by one; `nil` if they are too many or not whole.
    private mutating func listedMultiples(of clause: NumberClause) throws(GrammarError) -> Expression? {
        guard let divisor = clause.divisors.first, clause.fraction == .absent, let lower = clause.lower,
            let upper = clause.upper, divisor.isInteger, let step = divisor.scaled(by: 0),
            let low = Decimal(isNegative: lower.value.isNegative, whole: lower.value.whole, fraction: []).scaled(by: 0),
            let high = Decimal(isNegative: upper.value.isNegative, whole: upper.value.whole, fraction: []).scaled(
                by: 0
            ),
            (high - low) / step < Self.multiplesLimit
        else { return nil }
        var words: [[UInt8]] = []
        var value = (low / step - 1) * step
        while value <= high {
            if let decimal = Decimal(.integer(value)), clause.meet(.point(decimal)) != nil {
                words.append(Array(decimal.text.utf8))
            }
            value += step
        }
        return try builder.literals(words)
    }
}
