internal import OrderedJSON

extension SchemaCompiler {
    /// What a schema's keywords say of strings.
    mutating func stringClause(_ schema: JSONObject, at node: Int) throws(GrammarError) -> StringClause {
        var clause = StringClause()
        clause.minimum = try count("minLength", schema, at: node) ?? 0
        clause.maximum = try count("maxLength", schema, at: node)
        if let pattern = schema["pattern"] {
            guard let text = pattern.stringValue else { throw unsupported("pattern", "isn't a string", at: node) }
            clause = try meet(clause, self.pattern(text, keyword: "pattern", at: node)) ?? .nothing
        }
        if let format = schema["format"]?.stringValue, let expression = StringFormats.expression(of: format) {
            let language = try self.language(of: expression, isSearched: false, keyword: "format", at: node)
            clause = try meet(clause, StringClause(language: language)) ?? .nothing
        }
        return clause
    }

    /// The strings in which a pattern is found.
    mutating func pattern(_ text: String, keyword: String, at node: Int) throws(GrammarError) -> StringClause {
        StringClause(language: try language(of: text, isSearched: true, keyword: keyword, at: node))
    }

    private mutating func language(
        of text: String,
        isSearched: Bool,
        keyword: String,
        at node: Int
    ) throws(GrammarError) -> StringClause.Language {
        if isSearched, ["", ".*", "^", "$", "^.*"].contains(text) { return .any }
        let key = isSearched ? text : "=" + text
        if let known = strings.patterns[key] { return .expression(known) }
        try builder.poll(3 * text.utf8.count)
        do {
            let made = try builder.expression(
                of: RegexSyntax.parse(text, limits: builder.limits, stepsLeft: &builder.stepsLeft),
                encoding: .jsonString,
                anchoring: isSearched ? .search : .full
            )
            strings.patterns[key] = made
            return .expression(made)
        } catch let error where error.reason == .unsupported || error.reason == .syntax {
            throw unsupported(keyword, "can't be kept: \(error.message)", at: node)
        }
    }
}
