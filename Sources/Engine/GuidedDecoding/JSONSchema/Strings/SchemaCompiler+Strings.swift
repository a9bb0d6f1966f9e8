internal import OrderedJSON

extension SchemaCompiler {
    /// The strings of both clauses; `nil` if none are left, as far as it is seen without searching.
    mutating func meet(_ left: StringClause, _ right: StringClause) throws(GrammarError) -> StringClause? {
        var result = left
        result.minimum = max(left.minimum, right.minimum)
        result.maximum = Self.smaller(left.maximum, right.maximum)
        switch (left.language, right.language) {
        case (.any, let other), (let other, .any): result.language = other
        case (.words(let words), _):
            result.language = .words(try words.kept { (w) throws(GrammarError) in try contains(right, w) })
        case (_, .words(let words)):
            result.language = .words(try words.kept { (w) throws(GrammarError) in try contains(left, w) })
        case (.others(let some), .others(let more)): result.language = .others(some.union(more))
        case (.others(let words), .expression(let language)), (.expression(let language), .others(let words)):
            result.language = .expression(try excluding(words, from: language))
        case (.expression(let one), .expression(let other)):
            let both = try builder.intersection([one, other])
            if both == .nothing { return nil }
            result.language = .expression(both)
        }
        return result.pruned
    }

    /// The strings that aren't in a clause.
    mutating func complement(_ clause: StringClause) throws(GrammarError) -> [StringClause] {
        var result: [StringClause] = []
        if clause.minimum > 0 { result.append(StringClause(maximum: clause.minimum - 1)) }
        if let maximum = clause.maximum { result.append(StringClause(minimum: maximum + 1)) }
        switch clause.language {
        case .any: break
        case .words(let words): result.append(StringClause(language: .others(words)))
        case .others(let words): result.append(StringClause(language: .words(words)))
        case .expression(let language):
            let others = try builder.difference(stringBody(), language)
            result.append(StringClause(language: .expression(others)))
        }
        return result
    }

    /// Several clauses as one.
    mutating func folded(_ clauses: [StringClause]) throws(GrammarError) -> StringClause {
        if clauses.count == 1 { return clauses[0] }
        var bodies: [Expression] = []
        for clause in clauses { bodies.append(try body(of: clause)) }
        return StringClause(language: .expression(try builder.union(bodies)))
    }

    /// Whether a string belongs to a clause.
    mutating func contains(_ clause: StringClause, _ word: StringClause.Word) throws(GrammarError) -> Bool {
        guard clause.fits(word) else { return false }
        switch clause.language {
        case .any: return true
        case .words(let words): return words.contains(word)
        case .others(let words): return !words.contains(word)
        case .expression(let language): return try builder.matches(language, Self.spelling(of: word))
        }
    }

    /// Whether a clause has no string.
    mutating func isEmpty(_ clause: StringClause) throws(GrammarError) -> Bool {
        guard case .expression = clause.language else { return clause.pruned == nil }
        return try builder.isNothing(body(of: clause))
    }

    /// The text between the quotes of a clause's strings, where characters matter.
    mutating func body(of clause: StringClause) throws(GrammarError) -> Expression {
        let isSized = clause.minimum > 0 || clause.maximum != nil
        let sized =
            isSized
            ? try builder.repetition(stringCharacter(), clause.minimum, clause.maximum) : try stringBody()
        switch clause.language {
        case .any: return sized
        case .words(let words): return try builder.literals(words.map(Self.spelling))
        case .others(let words): return try excluding(words, from: sized)
        case .expression(let language): return isSized ? try builder.intersection([language, sized]) : language
        }
    }

    /// A clause's strings as they are written, quotes included.
    mutating func quoted(_ clause: StringClause) throws(GrammarError) -> Expression {
        if case .any = clause.language {
            return try builder.jsonString(minimum: clause.minimum, maximum: clause.maximum)
        }
        if case .words(let words) = clause.language {
            return try builder.literals(words.map(Self.quotedSpelling))
        }
        let mark = try quotationMark()
        return try builder.concatenation([mark, body(of: clause), mark])
    }

    /// A language without some words, however those are spelled.
    mutating func excluding(
        _ words: Set<StringClause.Word>,
        from language: Expression
    ) throws(GrammarError) -> Expression {
        var result = language
        for word in words where Self.hasSpellings(word) {
            var parts: [Expression] = []
            for scalar in word.text.unicodeScalars {
                parts.append(try builder.jsonCharacters(ScalarSet(scalar), unicodeEscapes: false))
            }
            result = try builder.difference(result, builder.concatenation(parts))
        }
        return try builder.excluding(words.filter { !Self.hasSpellings($0) }.map(Self.spelling), from: result)
    }

    /// Whether a word may be written in several ways without escaping more than is needed.
    static func hasSpellings(_ word: StringClause.Word) -> Bool {
        word.bytes.contains { $0 == UInt8(ascii: "/") || $0 < 0x20 }
    }

    /// A word between quotes, without them.
    static func spelling(of word: StringClause.Word) -> [UInt8] {
        Array(quotedSpelling(of: word).dropFirst().dropLast())
    }

    /// A word as JSON writes it, quotes included.
    static func quotedSpelling(of word: StringClause.Word) -> [UInt8] {
        var bytes: [UInt8] = []
        JSONWriter.append(string: word.text, to: &bytes)
        return bytes
    }

    /// A quotation mark.
    mutating func quotationMark() throws(GrammarError) -> Expression {
        if let known = strings.quote { return known }
        let made = try builder.literal("\"")
        strings.quote = made
        return made
    }

    /// A character that is escaped only where it has to be.
    mutating func stringCharacter() throws(GrammarError) -> Expression {
        if let known = strings.character { return known }
        let made = try builder.jsonCharacters(.all, unicodeEscapes: false)
        strings.character = made
        return made
    }

    /// Any number of such characters.
    mutating func stringBody() throws(GrammarError) -> Expression {
        if let known = strings.body { return known }
        let made = try builder.repetition(stringCharacter(), 0, nil)
        strings.body = made
        return made
    }
}

extension Set<StringClause.Word> {
    /// The words for which a test holds.
    fileprivate func kept(
        _ test: (StringClause.Word) throws(GrammarError) -> Bool
    ) throws(GrammarError) -> Set<StringClause.Word> {
        var result: Set<StringClause.Word> = []
        for word in self where try test(word) { result.insert(word) }
        return result
    }
}
