internal import OrderedJSON

extension GrammarBuilder {
    /// The node that a source asks for.
    package mutating func node(for source: GrammarSource) throws(GrammarError) -> GrammarNode {
        switch source {
        case .jsonSchema(let schema, let options):
            return try SchemaCompiler.node(for: schema, options: options, in: &self)
        case .jsonObject: return try SchemaCompiler.anyObject(in: &self)
        case .regex(let pattern): return try node(forRegex: pattern)
        case .choice(let texts):
            try checkSize(texts.reduce(0) { $0 + $1.utf8.count }, stepsPerByte: 0)
            guard !texts.isEmpty else {
                throw GrammarError(.unsatisfiable, "the list of choices is empty")
            }
            return try terminal(literals(texts.map { Array($0.utf8) }))
        case .grammar(let text, let dialect): return try node(forGrammar: text, dialect)
        case .structuralTag(let tag):
            return try StructuralTag.node(for: tag, in: &self)
        }
    }

    /// A JSON value that a schema describes.
    mutating func node(forSchema schema: JSONValue) throws(GrammarError) -> GrammarNode {
        try SchemaCompiler.node(for: schema, in: &self)
    }

    /// A text that a regular expression matches as a whole.
    mutating func node(forRegex pattern: String) throws(GrammarError) -> GrammarNode {
        try checkSize(pattern.utf8.count)
        let syntax = try RegexSyntax.parse(pattern, limits: limits, stepsLeft: &stepsLeft)
        return try terminal(expression(of: syntax, encoding: .utf8, anchoring: .full))
    }

    /// A text that obeys a grammar.
    mutating func node(forGrammar text: String, _ dialect: GrammarDialect) throws(GrammarError) -> GrammarNode {
        try checkSize(text.utf8.count)
        switch dialect {
        case .ebnf:
            var parser = EBNFParser(text, limits: limits)
            return try RuleCompiler.node(of: parser.parse(), in: &self)
        case .lark:
            var parser = LarkParser(text, limits: limits, stepsLeft: stepsLeft)
            let grammar = try parser.parse()
            stepsLeft = parser.stepsLeft
            return try RuleCompiler.node(of: grammar, in: &self)
        }
    }

    /// Throws where a source is too large, and counts the steps that it takes to be read.
    mutating func checkSize(_ bytes: Int, stepsPerByte: Int = 3) throws(GrammarError) {
        guard bytes <= limits.sourceBytes else {
            throw GrammarError(.limit, "the grammar has \(bytes) bytes; the limit is \(limits.sourceBytes)")
        }
        try poll(bytes * stepsPerByte)
    }
}
