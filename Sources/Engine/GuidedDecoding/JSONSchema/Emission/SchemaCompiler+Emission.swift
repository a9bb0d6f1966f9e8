internal import OrderedJSON

extension SchemaCompiler {
    /// The node of a term and of all that it refers to.
    mutating func emit(_ term: Term) throws(GrammarError) -> GrammarNode {
        let root = try node(of: term)
        while let next = emission.waiting.popLast() {
            let shape = try shape(of: next)
            let meaning = try node(of: shape)
            if let declared = emission.nodes[next] { builder.define(declared, as: meaning) }
        }
        return root
    }

    /// The node of a term, declared at its first use and defined later: terms may refer to themselves.
    mutating func node(of term: Term) throws(GrammarError) -> GrammarNode {
        if let known = emission.nodes[term] { return known }
        let declared = try builder.declare()
        emission.nodes[term] = declared
        emission.waiting.append(term)
        return declared
    }

    /// The node of a member's colon and value.
    mutating func member(_ term: Term) throws(GrammarError) -> GrammarNode {
        if let known = emission.members[term] { return known }
        let made = try builder.sequence([builder.terminal(layout().colon), node(of: term)])
        emission.members[term] = made
        return made
    }

    /// The node of a shape: its scalars as one expression, arrays and objects as nodes.
    private mutating func node(of shape: Shape) throws(GrammarError) -> GrammarNode {
        var alternatives: [GrammarNode] = []
        let scalars = try scalars(of: shape)
        if scalars != .nothing { alternatives.append(try builder.terminal(scalars)) }
        for clause in shape.arrays { alternatives.append(try node(of: clause)) }
        for clause in shape.objects {
            for part in try found(clause) {
                for part in try merged(part) { alternatives.append(try node(of: part)) }
            }
        }
        return try builder.choice(alternatives)
    }

    private mutating func scalars(of shape: Shape) throws(GrammarError) -> Expression {
        var words: [[UInt8]] = []
        if shape.hasNull { words.append(Array("null".utf8)) }
        if shape.hasFalse { words.append(Array("false".utf8)) }
        if shape.hasTrue { words.append(Array("true".utf8)) }
        var parts: [Expression] = words.isEmpty ? [] : [try builder.literals(words)]
        for clause in shape.numbers {
            if let known = numbers.clauses[clause] {
                parts.append(known)
            } else {
                let made = try expression(of: clause)
                numbers.clauses[clause] = made
                parts.append(made)
            }
        }
        if shape.strings.contains(StringClause()) {
            parts.append(try quoted(StringClause()))
        } else {
            for clause in shape.strings { parts.append(try quoted(clause)) }
        }
        return try builder.union(parts)
    }
}
