/// Turns rules into nodes; what is regular becomes one expression as far as it isn't too large.
struct RuleCompiler {
    private let grammar: RuleGrammar
    private var sizes: RuleSizes
    private var nodes: [String: GrammarNode] = [:]
    private var expressions: [String: Expression] = [:]
    private var ignored = Expression.empty
    private var open: [String] = []

    /// The node of a grammar's root.
    static func node(
        of grammar: RuleGrammar,
        in builder: inout GrammarBuilder
    ) throws(GrammarError) -> GrammarNode {
        var grammar = grammar
        grammar.rewriteLeftRecursion()
        guard grammar.rules[grammar.root] != nil else {
            throw GrammarError(.syntax, "the grammar has no rule \"\(grammar.root)\"")
        }
        var compiler = RuleCompiler(grammar: grammar, sizes: RuleSizes(grammar, limits: builder.limits))
        try compiler.setIgnored(&builder)
        let root = try compiler.node(.name(grammar.root), &builder)
        // Rules are compiled one by one, so that long chains of them need no deep stack.
        while let name = compiler.open.popLast() {
            guard let syntax = grammar.rules[name], let node = compiler.nodes[name] else { continue }
            builder.define(node, as: try compiler.node(syntax, &builder))
        }
        return try builder.sequence([builder.terminal(compiler.ignored), root])
    }

    private init(grammar: RuleGrammar, sizes: RuleSizes) {
        self.grammar = grammar
        self.sizes = sizes
    }

    private mutating func setIgnored(_ builder: inout GrammarBuilder) throws(GrammarError) {
        guard !grammar.ignored.isEmpty else { return }
        var parts: [Expression] = []
        for part in grammar.ignored { parts.append(try word(part, &builder)) }
        ignored = try builder.repetition(builder.union(parts), 0...)
    }

    private mutating func node(
        _ syntax: RuleSyntax,
        _ builder: inout GrammarBuilder
    ) throws(GrammarError) -> GrammarNode {
        if try sizes.isSmall(syntax) { return try builder.terminal(words(syntax, &builder)) }
        switch syntax {
        case .name(let name):
            if grammar.terminals.contains(name) {
                throw GrammarError(
                    .unsupported,
                    "the terminal \"\(name)\" of the grammar contains itself, or is too large"
                )
            }
            if let known = nodes[name] { return known }
            let node = try builder.declare()
            nodes[name] = node
            open.append(name)
            return node
        case .sequence(let parts): return try builder.sequence(sequence(parts, &builder))
        case .alternation(let parts):
            var alternatives: [GrammarNode] = []
            for part in parts { alternatives.append(try node(part, &builder)) }
            return try builder.choice(alternatives)
        case .repetition(let body, let minimum, let maximum):
            return try builder.repetition(node(body, &builder), minimum, maximum)
        case .special(let name):
            return try builder.sequence([builder.special(name), builder.terminal(ignored)])
        case .schema(let schema):
            return try builder.sequence([builder.node(forSchema: schema), builder.terminal(ignored)])
        case .literal, .characters, .regex, .intersection, .complement, .shortest:
            return try builder.terminal(words(syntax, &builder))
        }
    }

    /// The nodes of parts; neighbours that are regular become one.
    private mutating func sequence(
        _ parts: [RuleSyntax],
        _ builder: inout GrammarBuilder
    ) throws(GrammarError) -> [GrammarNode] {
        var nodes: [GrammarNode] = []
        var regular: [Expression] = []
        for part in parts {
            if try sizes.isSmall(part) {
                regular.append(try words(part, &builder))
                continue
            }
            if !regular.isEmpty { nodes.append(try builder.terminal(builder.concatenation(regular))) }
            regular = []
            nodes.append(try node(part, &builder))
        }
        if !regular.isEmpty { nodes.append(try builder.terminal(builder.concatenation(regular))) }
        return nodes
    }

    /// The words of a part outside of terminals, each with what is ignored behind it.
    private mutating func words(
        _ syntax: RuleSyntax,
        _ builder: inout GrammarBuilder
    ) throws(GrammarError) -> Expression {
        if ignored == .empty { return try word(syntax, &builder) }
        try builder.automaton.expressions.count(steps: 1)
        switch syntax {
        case .sequence(let parts):
            var list: [Expression] = []
            for part in parts { list.append(try words(part, &builder)) }
            return try builder.concatenation(list)
        case .alternation(let parts):
            var list: [Expression] = []
            for part in parts { list.append(try words(part, &builder)) }
            return try builder.union(list)
        case .repetition(let body, let minimum, let maximum):
            return try builder.repetition(words(body, &builder), minimum, maximum)
        case .name(let name) where !grammar.terminals.contains(name):
            return try words(rule(name), &builder)
        case .literal([]): return .empty
        default: return try builder.concatenation([word(syntax, &builder), ignored])
        }
    }

    /// The words of a part with nothing ignored.
    private mutating func word(
        _ syntax: RuleSyntax,
        _ builder: inout GrammarBuilder
    ) throws(GrammarError) -> Expression {
        switch syntax {
        case .literal(let bytes): return try builder.literal(bytes)
        case .characters(let set): return try builder.characters(set)
        case .regex(let regex): return try builder.expression(of: regex, encoding: .utf8, anchoring: .full)
        case .name(let name):
            if let known = expressions[name] { return known }
            guard try sizes.isSmall(syntax) else {
                throw GrammarError(
                    .unsupported,
                    "the terminal \"\(name)\" of the grammar contains itself, or is too large"
                )
            }
            let expression = try word(rule(name), &builder)
            expressions[name] = expression
            return expression
        case .sequence(let parts): return try builder.concatenation(list(parts, &builder))
        case .alternation(let parts): return try builder.union(list(parts, &builder))
        case .repetition(let body, let minimum, let maximum):
            return try builder.repetition(word(body, &builder), minimum, maximum)
        case .intersection(let parts): return try builder.intersection(list(parts, &builder))
        case .complement(let body):
            return try builder.difference(builder.anyText(), word(body, &builder))
        case .shortest(let body): return try builder.shortest(word(body, &builder))
        case .special(let name):
            throw GrammarError(.unsupported, "the special token \"\(name)\" is inside a terminal of the grammar")
        case .schema:
            throw GrammarError(.unsupported, "a JSON schema is inside a terminal of the grammar")
        }
    }

    private mutating func list(
        _ parts: [RuleSyntax],
        _ builder: inout GrammarBuilder
    ) throws(GrammarError) -> [Expression] {
        var list: [Expression] = []
        for part in parts { list.append(try word(part, &builder)) }
        return list
    }

    private func rule(_ name: String) throws(GrammarError) -> RuleSyntax {
        guard let rule = grammar.rules[name] else {
            throw GrammarError(.syntax, "the grammar has no rule \"\(name)\"")
        }
        return rule
    }
}
