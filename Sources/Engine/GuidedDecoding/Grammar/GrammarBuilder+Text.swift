extension GrammarBuilder {
    /// A special token of the vocabulary, by its name.
    package mutating func special(_ name: String) throws(GrammarError) -> GrammarNode {
        guard specialNames.contains(Array(name.utf8)) else {
            throw GrammarError(.unsupported, "the grammar names the special token \"\(name)\", which the model hasn't")
        }
        return try terminal(literal(TokenVocabulary.specialWord(Array(name.utf8))))
    }

    /// A text as it is written by tokens: the name of a special token is the token, anything else its characters.
    mutating func mark(_ text: String) throws(GrammarError) -> Expression {
        let bytes = Array(text.utf8)
        return try literal(specialNames.contains(bytes) ? TokenVocabulary.specialWord(bytes) : bytes)
    }

    /// The words of an expression that don't begin with another of its words.
    mutating func shortest(_ expression: Expression) throws(GrammarError) -> Expression {
        let more = try repetition(byte(in: .all), 1...)
        return try difference(expression, concatenation([expression, more]))
    }

    /// Any text in which none of some marks occurs.
    mutating func text(without marks: [Expression]) throws(GrammarError) -> Expression {
        let any = try anyText()
        if marks.isEmpty { return any }
        return try difference(any, concatenation([any, union(marks), any]))
    }

    /// Any text up to and with the first of some marks, which is one of those that are wanted.
    mutating func text(
        upTo wanted: [Expression],
        among marks: [Expression],
        without excluded: [Expression] = []
    ) throws(GrammarError) -> Expression {
        let any = try text(without: excluded)
        let first = try shortest(concatenation([any, union(marks)]))
        if wanted == marks { return first }
        return try intersection([first, concatenation([any, union(wanted)])])
    }
}
