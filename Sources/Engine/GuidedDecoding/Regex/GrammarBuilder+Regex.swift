/// How the characters of a text are written where a regular expression is to hold.
package enum CharacterEncoding: Sendable, Hashable {
    /// In UTF-8.
    case utf8
    /// Inside a JSON string (its quotes left out), each in one way only: as it is, or by its short escape, or, control
    /// characters without one, by a `\u` escape.
    case jsonString
}

/// Where in a text a regular expression has to match.
package enum RegexAnchoring: Sendable, Hashable {
    /// Somewhere in it, as `pattern` of JSON Schema.
    case search
    /// All of it.
    case full
}

extension GrammarBuilder {
    /// The texts that a regular expression matches; anchors and lookaheads hold for the text as a whole.
    package mutating func expression(
        of syntax: RegexSyntax,
        encoding: CharacterEncoding,
        anchoring: RegexAnchoring
    ) throws(GrammarError) -> Expression {
        let any = try repetition(characters(.all, encoding), 0...)
        let isSearch = anchoring == .search
        if syntax.isPlain {
            let words = try plain(syntax, encoding)
            return isSearch ? try concatenation([any, words, any]) : words
        }
        let behind = isSearch ? any : .empty
        let result = try rest(syntax, RegexRest(atStart: behind, later: behind), any, encoding)
        guard isSearch else { return result.atStart }
        if result.atStart == result.later { return try concatenation([any, result.later]) }
        let some = try repetition(characters(.all, encoding), 1...)
        return try union([result.atStart, concatenation([some, result.later])])
    }

    private mutating func characters(
        _ set: ScalarSet,
        _ encoding: CharacterEncoding
    ) throws(GrammarError) -> Expression {
        switch encoding {
        case .utf8: try characters(set)
        case .jsonString: try jsonCharacters(set, unicodeEscapes: false)
        }
    }

    /// The words of a regular expression without anchors and lookaheads.
    private mutating func plain(
        _ syntax: RegexSyntax,
        _ encoding: CharacterEncoding
    ) throws(GrammarError) -> Expression {
        switch syntax {
        case .characters(let set): return try characters(set, encoding)
        case .sequence(let parts):
            var words: [Expression] = []
            for part in parts { words.append(try plain(part, encoding)) }
            return try concatenation(words)
        case .alternation(let parts):
            var words: [Expression] = []
            for part in parts { words.append(try plain(part, encoding)) }
            return try union(words)
        case .repetition(let body, let minimum, let maximum):
            return try repetition(plain(body, encoding), minimum, maximum)
        case .start, .end, .lookahead: return .empty
        }
    }

    /// What a part and all that comes behind it match, to the end of the text.
    ///
    /// - Parameters:
    ///   - tail: what comes behind the part.
    ///   - any: any text.
    private mutating func rest(
        _ syntax: RegexSyntax,
        _ tail: RegexRest,
        _ any: Expression,
        _ encoding: CharacterEncoding
    ) throws(GrammarError) -> RegexRest {
        try automaton.expressions.count(steps: 1)
        if syntax.isPlain { return try rest(plain(syntax, encoding), tail) }
        switch syntax {
        case .characters: return tail
        case .sequence(let parts):
            var tail = tail
            for part in parts.reversed() { tail = try rest(part, tail, any, encoding) }
            return tail
        case .alternation(let parts):
            var all = RegexRest(atStart: .nothing, later: .nothing)
            for part in parts {
                let one = try rest(part, tail, any, encoding)
                all.atStart = try union([all.atStart, one.atStart])
                all.later = try union([all.later, one.later])
            }
            return all
        case .start: return RegexRest(atStart: tail.atStart, later: .nothing)
        case .end:
            return RegexRest(atStart: onlyEmpty(tail.atStart), later: onlyEmpty(tail.later))
        case .lookahead(let body, let isNegative):
            let ahead = try rest(body, RegexRest(atStart: any, later: any), any, encoding)
            return RegexRest(
                atStart: try look(ahead.atStart, isNegative, tail.atStart),
                later: try look(ahead.later, isNegative, tail.later)
            )
        case .repetition(let body, let minimum, let maximum):
            guard let maximum, maximum <= 8 else {
                throw GrammarError(
                    .unsupported,
                    "the regular expression repeats an anchor or a lookahead, which isn't supported"
                )
            }
            var result = tail
            for round in (0..<maximum).reversed() {
                let more = try rest(body, result, any, encoding)
                result =
                    round >= minimum
                    ? RegexRest(
                        atStart: try union([tail.atStart, more.atStart]),
                        later: try union([tail.later, more.later])
                    )
                    : more
            }
            return result
        }
    }

    private mutating func rest(_ words: Expression, _ tail: RegexRest) throws(GrammarError) -> RegexRest {
        let later = try concatenation([words, tail.later])
        if tail.atStart == tail.later { return RegexRest(atStart: later, later: later) }
        guard automaton.expressions.isNullable(words.id) else { return RegexRest(atStart: later, later: later) }
        // Only where nothing was read is the text's beginning still here.
        let some = try excluding([[]], from: words)
        return RegexRest(atStart: try union([tail.atStart, concatenation([some, tail.later])]), later: later)
    }

    private func onlyEmpty(_ expression: Expression) -> Expression {
        automaton.expressions.isNullable(expression.id) ? .empty : .nothing
    }

    private mutating func look(
        _ ahead: Expression,
        _ isNegative: Bool,
        _ tail: Expression
    ) throws(GrammarError) -> Expression {
        isNegative ? try difference(tail, ahead) : try intersection([tail, ahead])
    }
}

/// What matches from a place to the end of the text, by whether the place is the text's beginning.
private struct RegexRest {
    var atStart: Expression
    var later: Expression
}
