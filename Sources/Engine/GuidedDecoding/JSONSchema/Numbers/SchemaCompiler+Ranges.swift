extension SchemaCompiler {
    /// Numbers between the bounds of a clause, written without an exponent.
    ///
    /// Zero is written without a minus; where whole numbers are meant, no fraction is.
    mutating func range(_ clause: NumberClause) throws(GrammarError) -> Expression {
        let isWhole = clause.fraction == .absent
        var parts: [Expression] = []
        if clause.upper.map({ !$0.value.isNegative }) ?? true {
            let lower = clause.lower.flatMap { $0.value.isNegative ? nil : $0 }
            if !(clause.upper.map { $0.value.isZero && $0.isExclusive } ?? false) {
                parts.append(try magnitudes(from: lower, to: clause.upper, isWhole: isWhole))
            }
        }
        if clause.lower.map({ $0.value.isNegative }) ?? true {
            // Below zero the bounds change places; zero itself was counted above.
            var least = NumberClause.Bound(value: .zero, isExclusive: true)
            if let upper = clause.upper, upper.value.isNegative {
                least = NumberClause.Bound(value: upper.value.magnitude, isExclusive: upper.isExclusive)
            }
            let most = clause.lower.map { NumberClause.Bound(value: $0.value.magnitude, isExclusive: $0.isExclusive) }
            let magnitude = try magnitudes(from: least, to: most, isWhole: isWhole)
            parts.append(try builder.concatenation([builder.literal("-"), magnitude]))
        }
        return try builder.union(parts)
    }

    private mutating func magnitudes(
        from lower: NumberClause.Bound?,
        to upper: NumberClause.Bound?,
        isWhole: Bool
    ) throws(GrammarError) -> Expression {
        guard isWhole else {
            var parts = [try atLeast(lower ?? NumberClause.Bound(value: .zero, isExclusive: false))]
            if let upper { parts.append(try atMost(upper)) }
            return try builder.intersection(parts)
        }
        var low = lower?.value.whole ?? []
        if let lower, !lower.value.isInteger || lower.isExclusive { low = Self.successor(low) }
        guard let upper else { return try wholes(from: low) }
        var high = upper.value.whole
        if upper.isExclusive, upper.value.isInteger {
            guard let before = Self.predecessor(high) else { return .nothing }
            high = before
        }
        return try wholes(from: low, to: high)
    }

    /// The number after one of digits; zero has no digits.
    static func successor(_ digits: [UInt8]) -> [UInt8] {
        var result = digits
        for index in result.indices.reversed() {
            if result[index] < 9 {
                result[index] += 1
                return result
            }
            result[index] = 0
        }
        return [1] + result
    }

    /// The number before one of digits; `nil` before zero.
    static func predecessor(_ digits: [UInt8]) -> [UInt8]? {
        guard !digits.isEmpty else { return nil }
        var result = digits
        for index in result.indices.reversed() {
            if result[index] > 0 {
                result[index] -= 1
                return Array(result.drop { $0 == 0 })
            }
            result[index] = 9
        }
        return nil
    }

    /// Whole numbers from one on.
    mutating func wholes(from low: [UInt8]) throws(GrammarError) -> Expression {
        if low.isEmpty { return try wholeNumber() }
        let same = try wholes(from: low, to: [UInt8](repeating: 9, count: low.count))
        let longer = try builder.concatenation([digit(1...9), builder.repetition(digit(0...9), low.count, nil)])
        return try builder.union([same, longer])
    }

    /// Whole numbers of a range; zero has no digits.
    mutating func wholes(from low: [UInt8], to high: [UInt8]) throws(GrammarError) -> Expression {
        if low.count > high.count || (low.count == high.count && high.lexicographicallyPrecedes(low)) {
            return .nothing
        }
        var parts: [Expression] = []
        var low = low
        if low.isEmpty {
            parts.append(try digit(0...0))
            if high.isEmpty { return parts[0] }
            low = [1]
        }
        for count in low.count...high.count {
            let from = count == low.count ? low : [1] + [UInt8](repeating: 0, count: count - 1)
            let to = count == high.count ? high : [UInt8](repeating: 9, count: count)
            parts.append(try digits(from: from[...], to: to[...]))
        }
        return try builder.union(parts)
    }

    /// Texts of as many digits as both bounds have, between them.
    private mutating func digits(from low: ArraySlice<UInt8>, to high: ArraySlice<UInt8>) throws(GrammarError)
        -> Expression
    {
        guard let first = low.first, let last = high.first else { return .empty }
        let (lowRest, highRest) = (low.dropFirst(), high.dropFirst())
        let count = lowRest.count
        if lowRest.allSatisfy({ $0 == 0 }), highRest.allSatisfy({ $0 == 9 }) {
            return try builder.concatenation([digit(first...last), builder.repetition(digit(0...9), count, count)])
        }
        if first == last {
            return try builder.concatenation([digit(first...first), digits(from: lowRest, to: highRest)])
        }
        let nines = [UInt8](repeating: 9, count: count)
        let zeros = [UInt8](repeating: 0, count: count)
        var parts = [
            try builder.concatenation([digit(first...first), digits(from: lowRest, to: nines[...])]),
            try builder.concatenation([digit(last...last), digits(from: zeros[...], to: highRest)]),
        ]
        if last - first > 1 {
            let middle = try digit((first + 1)...(last - 1))
            parts.append(try builder.concatenation([middle, builder.repetition(digit(0...9), count, count)]))
        }
        return try builder.union(parts)
    }

    /// Numbers from 0 on that are at least, or above, a bound.
    private mutating func atLeast(_ bound: NumberClause.Bound) throws(GrammarError) -> Expression {
        let above = try wholes(from: Self.successor(bound.value.whole))
        var parts = [try builder.concatenation([above, builder.optional(anyFraction())])]
        let whole = try wholes(from: bound.value.whole, to: bound.value.whole)
        let digits = bound.value.fraction
        var ends: [Expression] = []
        if digits.isEmpty {
            ends = bound.isExclusive ? [try fraction(isZero: false)] : [.empty, try anyFraction()]
        } else {
            let point = try builder.literal(".")
            let rest = try builder.repetition(digit(0...9), 0, nil)
            for (index, value) in digits.enumerated() where value < 9 {
                ends.append(try builder.concatenation([point, text(digits[..<index]), digit((value + 1)...9), rest]))
            }
            let more = bound.isExclusive ? try builder.concatenation([rest, digit(1...9), rest]) : rest
            ends.append(try builder.concatenation([point, text(digits[...]), more]))
        }
        parts.append(try builder.concatenation([whole, builder.union(ends)]))
        return try builder.union(parts)
    }

    /// Numbers from 0 on that are at most, or below, a bound.
    private mutating func atMost(_ bound: NumberClause.Bound) throws(GrammarError) -> Expression {
        var parts: [Expression] = []
        if let before = Self.predecessor(bound.value.whole) {
            let below = try wholes(from: [], to: before)
            parts.append(try builder.concatenation([below, builder.optional(anyFraction())]))
        }
        let whole = try wholes(from: bound.value.whole, to: bound.value.whole)
        let digits = bound.value.fraction
        var ends: [Expression] = []
        if digits.isEmpty {
            if !bound.isExclusive { ends = [.empty, try fraction(isZero: true)] }
        } else {
            let point = try builder.literal(".")
            let rest = try builder.repetition(digit(0...9), 0, nil)
            ends.append(.empty)
            for (index, value) in digits.enumerated() {
                if index > 0 { ends.append(try builder.concatenation([point, text(digits[..<index])])) }
                guard value > 0 else { continue }
                ends.append(try builder.concatenation([point, text(digits[..<index]), digit(0...(value - 1)), rest]))
            }
            if !bound.isExclusive {
                let zeros = try builder.repetition(digit(0...0), 0, nil)
                ends.append(try builder.concatenation([point, text(digits[...]), zeros]))
            }
        }
        parts.append(try builder.concatenation([whole, builder.union(ends)]))
        return try builder.union(parts)
    }

    private mutating func anyFraction() throws(GrammarError) -> Expression {
        try builder.concatenation([builder.literal("."), builder.repetition(digit(0...9), 1, nil)])
    }

    private mutating func text(_ digits: ArraySlice<UInt8>) throws(GrammarError) -> Expression {
        try builder.literal(digits.map { $0 + UInt8(ascii: "0") })
    }
}
