extension ExpressionParser {
    /// What follows a backslash outside brackets.
    mutating func escape() throws(ExpressionError) -> ExpressionTree {
        switch current {
        case 0x41: return try anchor(.textStart)
        case 0x7A: return try anchor(.textEnd)
        case 0x5A: return try anchor(dialect == .oniguruma ? .lastLineEnd : .textEnd)
        case 0x62: return try anchor(.wordBoundary)
        case 0x42: return try anchor(.noWordBoundary)
        default: return .set(folded(try escapedSet()))
        }
    }

    private mutating func anchor(_ anchor: ExpressionTree.Anchor) throws(ExpressionError) -> ExpressionTree {
        place += 1
        return .anchor(anchor)
    }

    /// The set behind a backslash, in brackets or not: a class, or one character.
    private mutating func escapedSet() throws(ExpressionError) -> CodePointRanges {
        let scalar = try next()
        switch scalar {
        case 0x73: return ExpressionSets.whitespace
        case 0x53: return ExpressionSets.whitespace.complement
        case 0x64: return ExpressionSets.digit
        case 0x44: return ExpressionSets.digit.complement
        case 0x77: return ExpressionSets.word(dialect)
        case 0x57: return ExpressionSets.word(dialect).complement
        case 0x68 where dialect == .oniguruma: return ExpressionSets.hexDigit
        case 0x70: return try property(isNegated: false)
        case 0x50: return try property(isNegated: true)
        case 0x6E: return CodePointRanges(0x0A)
        case 0x72: return CodePointRanges(0x0D)
        case 0x74: return CodePointRanges(0x09)
        case 0x66: return CodePointRanges(0x0C)
        case 0x76: return CodePointRanges(0x0B)
        case 0x61: return CodePointRanges(0x07)
        case 0x65: return CodePointRanges(0x1B)
        case 0x75: return CodePointRanges(try hexadecimal(digits: 4))
        case 0x78: return CodePointRanges(try hexadecimal(digits: 2))
        case 0x30: return CodePointRanges(0)
        case 0x31...0x39, 0x41...0x5A, 0x61...0x7A:
            place -= 1
            throw failure("an unknown escape")
        default: return CodePointRanges(scalar)
        }
    }

    private mutating func hexadecimal(digits: Int) throws(ExpressionError) -> UInt32 {
        let isBraced = take("{")
        var value: UInt32 = 0
        var count = 0
        while let scalar = current, count < (isBraced ? 8 : digits),
            let digit = Unicode.Scalar(scalar).flatMap({ Character($0).hexDigitValue })
        {
            value = value << 4 | UInt32(digit)
            count += 1
            place += 1
        }
        if count == 0 || (isBraced && !take("}")) || value >= CodePointRanges.limit {
            throw failure("no code point")
        }
        return value
    }

    /// `\p{L}`, `\pL`, `\p{^L}`, `\p{Han}`, `\p{Script=Han}`.
    private mutating func property(isNegated: Bool) throws(ExpressionError) -> CodePointRanges {
        var name: [UInt32] = []
        var isNegated = isNegated
        if take("{") {
            if take("^") { isNegated.toggle() }
            while !isAt("}") {
                if name.count > 40 { throw failure("an unknown property") }
                name.append(try next())
            }
            place += 1
        } else {
            name.append(try next())
        }
        let text = String(String.UnicodeScalarView(name.compactMap { Unicode.Scalar($0) }))
        guard let set = ExpressionSets.property(text) else { throw failure("an unknown property '\(text)'") }
        return isNegated ? set.complement : set
    }

    /// A set in brackets whose opening one is behind.
    mutating func bracket(depth: Int = 0) throws(ExpressionError) -> CodePointRanges {
        if depth > 8 { throw failure("brackets nested more than 8 deep") }
        let isNegated = take("^")
        var whole: CodePointRanges?
        var parts: [Range<UInt32>] = []
        var isFirst = true
        while isFirst || !isAt("]") {
            isFirst = false
            if take("&&") {
                let part = CodePointRanges(parts)
                whole = whole?.intersection(part) ?? part
                parts = []
                continue
            }
            let set = try bracketMember(depth)
            if let low = set.single, isAt("-"), place + 1 < text.count, text[place + 1] != 0x5D {
                place += 1
                guard let high = try bracketMember(depth).single, high >= low else { throw failure("no range") }
                parts.append(low..<high + 1)
            } else {
                parts.append(contentsOf: set.ranges)
            }
        }
        place += 1
        var set = CodePointRanges(parts)
        if let whole { set = whole.intersection(set) }
        set = folded(set)
        return isNegated ? set.complement : set
    }

    private mutating func bracketMember(_ depth: Int) throws(ExpressionError) -> CodePointRanges {
        if take("[:") {
            let isNegated = take("^")
            for (name, set) in ExpressionSets.posix {
                if take("\(name):]") { return isNegated ? set.complement : set }
            }
            place -= isNegated ? 3 : 2
        }
        let scalar = try next()
        if scalar == 0x5B { return try bracket(depth: depth + 1) }
        if scalar == 0x5C {
            if take("b") { return CodePointRanges(0x08) }
            return try escapedSet()
        }
        return CodePointRanges(scalar)
    }

    /// A set with the other cases of its members, where case is ignored.
    func folded(_ set: CodePointRanges) -> CodePointRanges {
        ignoresCase ? ExpressionSets.ignoringCase(set) : set
    }
}

extension CodePointRanges {
    /// The only member of a set of one.
    var single: UInt32? {
        ranges.count == 1 && ranges[0].count == 1 ? ranges[0].lowerBound : nil
    }
}
