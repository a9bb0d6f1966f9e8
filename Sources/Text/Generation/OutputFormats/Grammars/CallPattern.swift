package import GuidedDecoding

extension CallGrammar {
    /// Text of calls that models write in more ways than one, or in one alone.
    package indirect enum Pattern: Sendable, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral {
        /// Exactly this; control tokens of the vocabulary in it are such.
        case text(String)
        /// The name of the function that is called.
        case name
        /// White space or none.
        case space
        /// White space within a line or none.
        case blanks
        /// Patterns one behind the other.
        case sequence([Pattern])
        /// One of several patterns.
        case choice([Pattern])

        /// Exactly this text.
        package init(stringLiteral text: String) { self = .text(text) }

        /// Patterns one behind the other.
        package init(arrayLiteral parts: Pattern...) { self = .sequence(parts) }

        /// Patterns one behind the other, between which white space may stand.
        package static func spaced(_ parts: [Pattern]) -> Pattern {
            .sequence(Array(parts.map { [$0] }.joined(separator: [.space])))
        }
    }
}

extension GrammarBuilder {
    /// The words of a pattern.
    ///
    /// - Parameters:
    ///   - names: The functions that it may name.
    ///   - mostSpace: Most bytes of white space in each place; `nil` is any number.
    package mutating func expression(
        _ pattern: CallGrammar.Pattern,
        names: [String],
        mostSpace: Int?,
        _ tokens: ControlTokens,
    ) throws(GrammarError) -> Expression {
        switch pattern {
        case .text(let text): return try literal(tokens.word(text))
        case .name: return try literals(names.map { Array($0.utf8) })
        case .space: return try repetition(byte(in: ByteSet(" \n\r\t".utf8)), 0, mostSpace)
        case .blanks: return try repetition(byte(in: ByteSet(" \r\t".utf8)), 0, mostSpace)
        case .sequence(let parts):
            var expressions: [Expression] = []
            for part in parts { expressions.append(try expression(part, names: names, mostSpace: mostSpace, tokens)) }
            return try concatenation(expressions)
        case .choice(let patterns):
            var expressions: [Expression] = []
            for part in patterns {
                expressions.append(try expression(part, names: names, mostSpace: mostSpace, tokens))
            }
            return try union(expressions)
        }
    }
}

extension ControlTokens {
    /// A marker as grammars know it: control tokens between two of the marks that grammars have for them.
    package func word(_ marker: String) -> [UInt8] {
        form(marker).map { $0 == ControlFrame.closing ? ControlFrame.opening : $0 }
    }
}
