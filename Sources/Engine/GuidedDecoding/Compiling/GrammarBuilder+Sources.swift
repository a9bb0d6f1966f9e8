extension GrammarBuilder {
    /// The node that a source asks for.
    mutating func node(for source: GrammarSource) throws(GrammarError) -> GrammarNode {
        switch source {
        case .regex(let pattern):
            try checkSize(pattern.utf8.count)
            let syntax = try RegexSyntax.parse(pattern, limits: limits)
            return try terminal(expression(of: syntax, encoding: .utf8, anchoring: .full))
        case .choice(let texts):
            try checkSize(texts.reduce(0) { $0 + $1.utf8.count })
            guard !texts.isEmpty else {
                throw GrammarError(.unsatisfiable, "the list of choices is empty")
            }
            return try terminal(literals(texts.map { Array($0.utf8) }))
        case .jsonSchema(let schema, let options):
            return try SchemaCompiler.node(for: schema, options: options, in: &self)
        case .jsonObject:
            return try SchemaCompiler.anyObject(in: &self)
        }
    }

    func checkSize(_ bytes: Int) throws(GrammarError) {
        guard bytes <= limits.sourceBytes else {
            throw GrammarError(.limit, "the grammar has \(bytes) bytes; the limit is \(limits.sourceBytes)")
        }
    }
}
