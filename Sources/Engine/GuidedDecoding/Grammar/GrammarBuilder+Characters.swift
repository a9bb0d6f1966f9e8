extension GrammarBuilder {
    /// One character of a set, in UTF-8.
    package mutating func characters(_ set: ScalarSet) throws(GrammarError) -> Expression {
        try remembered(set, .utf8) { (builder) throws(GrammarError) in try builder.makeCharacters(set) }
    }

    private mutating func makeCharacters(_ set: ScalarSet) throws(GrammarError) -> Expression {
        try anyOf(set.ranges.flatMap(Self.utf8).map { $0[...] })
    }

    /// Any of some products of byte sets, by what follows each first byte: no byte is looked at in two alternatives.
    private mutating func anyOf(_ products: [ArraySlice<ClosedRange<UInt8>>]) throws(GrammarError) -> Expression {
        var leads: [[Int]: ByteSet] = [:]
        for byte in UInt8.min ... .max {
            let beginning = products.indices.filter { products[$0].first?.contains(byte) ?? false }
            if !beginning.isEmpty { leads[beginning, default: ByteSet()].insert(byte) }
        }
        // Bytes that the same may follow are one alternative.
        var bytes: [Expression: ByteSet] = [:]
        for (beginning, set) in leads.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let rests = beginning.map { products[$0].dropFirst() }
            let rest = rests.contains { $0.isEmpty } ? Expression.empty : try anyOf(rests)
            bytes[rest, default: ByteSet()] = bytes[rest, default: ByteSet()].union(set)
        }
        var members: [Expression] = []
        for (rest, set) in bytes.sorted(by: { $0.key.id < $1.key.id }) {
            members.append(try concatenation([byte(in: set), rest]))
        }
        return try union(members)
    }

    /// Any valid text in UTF-8.
    package mutating func anyText() throws(GrammarError) -> Expression {
        try repetition(characters(.all), 0...)
    }

    /// One character of a set as it may stand inside a JSON string: itself, its short escape, or, if `unicodeEscapes`,
    /// its `\u` escape (two of them beyond the basic plane).
    package mutating func jsonCharacters(
        _ set: ScalarSet,
        unicodeEscapes: Bool = true
    ) throws(GrammarError) -> Expression {
        try remembered(set, unicodeEscapes ? .escaped : .jsonString) { (builder) throws(GrammarError) in
            try builder.makeJSONCharacters(set, unicodeEscapes: unicodeEscapes)
        }
    }

    private mutating func makeJSONCharacters(
        _ set: ScalarSet,
        unicodeEscapes: Bool
    ) throws(GrammarError) -> Expression {
        let controls = ScalarSet([0...0x1F])
        var members = [
            try characters(set.subtracting(controls.union(ScalarSet([0x22...0x22, 0x5C...0x5C]))))
        ]
        let short: [(UInt32, Character)] = [
            (0x22, "\""), (0x5C, "\\"), (0x2F, "/"), (8, "b"), (12, "f"), (10, "n"), (13, "r"), (9, "t"),
        ]
        var letters = ByteSet()
        for (value, letter) in short {
            guard let scalar = Unicode.Scalar(value), set.contains(scalar), let ascii = letter.asciiValue else {
                continue
            }
            letters.insert(ascii)
        }
        var escapes = [try byte(in: letters)]
        let escaped = unicodeEscapes ? set : set.intersection(controls)
        let unicode = try self.unicodeEscapes(escaped)
        if unicode != .nothing { escapes.append(unicode) }
        members.append(try concatenation([literal("\\"), union(escapes)]))
        return try union(members)
    }

    /// The expression of a set of characters, made at its first use.
    private mutating func remembered(
        _ set: ScalarSet,
        _ spelling: CharactersKey.Spelling,
        _ make: (inout GrammarBuilder) throws(GrammarError) -> Expression
    ) throws(GrammarError) -> Expression {
        let key = CharactersKey(set: set, spelling: spelling)
        if let known = automaton.expressions.characters[key] {
            try poll(2 + set.ranges.count / 8)
            return Expression(id: known)
        }
        try poll(32 + 64 * set.ranges.count)
        let made = try make(&self)
        automaton.expressions.characters[key] = made.id
        if set == .all { automaton.expressions.anyCharacters.insert(made.id) }
        return made
    }

    /// Any one character inside a JSON string.
    package mutating func jsonCharacter() throws(GrammarError) -> Expression { try jsonCharacters(.all) }

    /// A JSON string, quotes included, of `minimum` to `maximum` (nil: any number of) characters.
    package mutating func jsonString(minimum: Int = 0, maximum: Int? = nil) throws(GrammarError) -> Expression {
        let quote = try literal("\"")
        return try concatenation([quote, repetition(jsonCharacter(), minimum, maximum), quote])
    }

    /// `uXXXX`, without the backslash, for the characters of a set.
    private mutating func unicodeEscapes(_ set: ScalarSet) throws(GrammarError) -> Expression {
        var members: [Expression] = []
        let letter = try literal("u")
        for range in set.ranges {
            if range.lowerBound <= 0xFFFF {
                let plane = try hexadecimal(range.lowerBound...min(range.upperBound, 0xFFFF))
                members.append(try concatenation([letter, plane]))
            }
            guard range.upperBound > 0xFFFF else { continue }
            let beyond = (max(range.lowerBound, 0x10000) - 0x10000)...(range.upperBound - 0x10000)
            for pair in DigitRanges.products(beyond, bits: 10, count: 2) {
                let high = try hexadecimal((0xD800 + pair[0].lowerBound)...(0xD800 + pair[0].upperBound))
                let low = try hexadecimal((0xDC00 + pair[1].lowerBound)...(0xDC00 + pair[1].upperBound))
                members.append(try concatenation([letter, high, literal("\\u"), low]))
            }
        }
        return try union(members)
    }

    /// Four hexadecimal digits, in either case, of a range of numbers.
    private mutating func hexadecimal(_ range: ClosedRange<UInt32>) throws(GrammarError) -> Expression {
        var members: [Expression] = []
        for digits in DigitRanges.products(range, bits: 4, count: 4) {
            var parts: [Expression] = []
            for digit in digits { parts.append(try byte(in: Self.hexadecimalDigits(digit))) }
            members.append(try concatenation(parts))
        }
        return try union(members)
    }

    private static func hexadecimalDigits(_ range: ClosedRange<UInt32>) -> ByteSet {
        var set = ByteSet()
        for digit in range {
            for byte in String(digit, radix: 16).utf8 { set.insert(byte) }
            for byte in String(digit, radix: 16, uppercase: true).utf8 { set.insert(byte) }
        }
        return set
    }

    /// The UTF-8 of a range of scalars as products of ranges of bytes.
    private static func utf8(_ range: ClosedRange<UInt32>) -> [[ClosedRange<UInt8>]] {
        let classes: [(ClosedRange<UInt32>, lead: UInt32)] = [
            (0...0x7F, 0), (0x80...0x7FF, 0xC0), (0x800...0xFFFF, 0xE0), (0x10000...0x10FFFF, 0xF0),
        ]
        var result: [[ClosedRange<UInt8>]] = []
        for (index, (all, lead)) in classes.enumerated() where range.overlaps(all) {
            let part = range.clamped(to: all)
            for digits in DigitRanges.products(part, bits: 6, count: index + 1) {
                result.append(
                    digits.enumerated().map { position, digit in
                        let prefix: UInt32 = position == 0 ? lead : 0x80
                        return UInt8(prefix | digit.lowerBound)...UInt8(prefix | digit.upperBound)
                    }
                )
            }
        }
        return result
    }
}

/// A set of characters and how they are spelled.
struct CharactersKey: Hashable {
    /// How characters are spelled.
    enum Spelling: Hashable {
        /// In UTF-8.
        case utf8
        /// As in a JSON string, escaped only where they have to be.
        case jsonString
        /// As in a JSON string, with any escapes.
        case escaped
    }

    var set: ScalarSet
    var spelling: Spelling
}
