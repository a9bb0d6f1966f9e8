/// A regular expression ready to match.
struct RegularExpression: Sendable {
    private let program: ExpressionProgram
    private let word: CodePointMap

    private static let onigurumaWord = CodePointMap(ExpressionSets.word(.oniguruma))

    /// - Throws: `ExpressionError` for what isn't supported, or would need more than bounded time.
    init(_ expression: String, _ dialect: ExpressionParser.Dialect) throws(ExpressionError) {
        var parser = try ExpressionParser(expression, dialect)
        program = try ExpressionProgram(try parser.parse())
        word = dialect == .oniguruma ? Self.onigurumaWord : LibrarySets.word
    }

    /// A matcher, with memory of its own that it uses again for each stretch of text.
    func matcher() -> ExpressionMatcher { ExpressionMatcher(program, word: word) }
}
