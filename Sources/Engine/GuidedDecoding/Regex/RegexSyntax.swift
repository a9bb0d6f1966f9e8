/// A regular expression as it was written, over Unicode scalars: ECMA 262's syntax with the parts of Python's and Rust's
/// that don't contradict it, without back-references.
package indirect enum RegexSyntax: Sendable, Hashable {
    /// One character of a set.
    case characters(ScalarSet)
    /// Parts one behind the other; none match the empty text.
    case sequence([RegexSyntax])
    /// One of several.
    case alternation([RegexSyntax])
    /// A part `minimum` to `maximum` (nil: any number of) times; greedy or not makes no difference to what matches.
    case repetition(RegexSyntax, minimum: Int, maximum: Int?)
    /// `^`: the beginning of the text.
    case start
    /// `$`: the end of the text.
    case end
    /// `(?=…)` and `(?!…)`: what follows matches, or doesn't.
    case lookahead(RegexSyntax, isNegative: Bool)

    /// Whether it has neither anchors nor lookaheads, so that it is a set of words whatever is around it.
    package var isPlain: Bool {
        switch self {
        case .characters: true
        case .sequence(let parts), .alternation(let parts): parts.allSatisfy(\.isPlain)
        case .repetition(let body, _, _): body.isPlain
        case .start, .end, .lookahead: false
        }
    }

    /// Reads a regular expression.
    ///
    /// - Parameter stepsLeft: steps of compiling, from which those that this takes are taken.
    package static func parse(
        _ text: String,
        options: RegexOptions = RegexOptions(),
        limits: GrammarLimits = GrammarLimits(),
        stepsLeft: inout Int
    ) throws(GrammarError) -> RegexSyntax {
        var parser = RegexParser(text, options: options, limits: limits, stepsLeft: stepsLeft)
        defer { stepsLeft = parser.stepsLeft }
        return try parser.parse()
    }
}

/// What a regular expression's text means where that isn't said in it.
package struct RegexOptions: Sendable, Hashable {
    /// Whether letters match in either case.
    package var ignoresCase = false
    /// Whether a dot matches line breaks.
    package var dotMatchesLineBreaks = false
    /// Whether only a line feed is a line break for a dot, not also a carriage return and two more, as in scripts.
    package var onlyLineFeeds = false

    /// ECMA 262's meaning.
    package init() {}

    /// The meaning in Lark's grammars.
    static let lark: RegexOptions = {
        var options = RegexOptions()
        options.onlyLineFeeds = true
        return options
    }()
}
