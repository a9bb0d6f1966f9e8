package import GuidedDecoding
internal import OrderedJSON

extension GrammarBuilder {
    /// The node of an answer with calls.
    ///
    /// - Parameters:
    ///   - use: The functions, and whether there must be a call.
    ///   - grammar: How calls look.
    ///   - tokens: The vocabulary's control tokens.
    ///   - answer: What an answer without calls has to obey; `nil` is nothing.
    package mutating func node(
        for use: ToolUse,
        _ grammar: CallGrammar,
        _ tokens: ControlTokens,
        answer: GrammarSource? = nil,
    ) throws(GrammarError) -> GrammarNode {
        let needsCall = use.choice != .auto
        let hasOneCall = use.endsWithFirstCall || grammar.hasOneCall
        let forms =
            needsCall
            ? Array(grammar.sections.prefix(1)) : grammar.sections(besideGrammar: answer != nil)
        var sections: [GrammarNode] = []
        var schemas = CallSchemas()
        for form in forms {
            sections.append(try section(form, use.callable, &schemas, tokens, hasOneCall: hasOneCall))
        }
        if needsCall { return try sequence([anyOf(grammar.prefixes, tokens), choice(sections)]) }
        if !grammar.answerHeads.isEmpty {
            let said: GrammarNode
            if let answer { said = try node(for: answer) } else { said = try terminal(anyText()) }
            let choices = try choice([
                sequence([anyOf(grammar.answerHeads, tokens), said]),
                sequence([anyOf(grammar.prefixes, tokens), choice(sections)]),
            ])
            return try sequence([preamble(grammar, tokens), choices])
        }
        if let answer { return try choice(sections + [node(for: answer)]) }
        return try free(Array(zip(forms, sections)), use.callable.map(\.name), tokens, hasOneCall: hasOneCall)
    }

    /// The node of a section of calls.
    private mutating func section(
        _ section: CallGrammar.Section,
        _ tools: [ToolDefinition],
        _ schemas: inout CallSchemas,
        _ tokens: ControlTokens,
        hasOneCall: Bool,
    ) throws(GrammarError) -> GrammarNode {
        var calls: [GrammarNode] = []
        for tool in tools { calls.append(try node(for: section.call(tool), of: tool, &schemas, tokens)) }
        let call = try choice(calls)
        let separator = try expression(section.separator, of: nil, tokens)
        return try sequence([
            terminal(expression(section.opening, of: nil, tokens)),
            list(of: call, separator: separator, 1, hasOneCall ? 1 : nil),
            terminal(expression(section.closing, of: nil, tokens)),
        ])
    }

    /// An answer with text and sections in it.
    private mutating func free(
        _ sections: [(form: CallGrammar.Section, node: GrammarNode)],
        _ names: [String],
        _ tokens: ControlTokens,
        hasOneCall: Bool,
    ) throws(GrammarError) -> GrammarNode {
        let any = try anyText()
        let space = try repetition(byte(in: ByteSet(" \n\r\t".utf8)), 0...)
        let inside = sections.filter { !$0.form.isAtStart }
        let atStart = sections.filter(\.form.isAtStart)
        // Text that holds no sign of a section, neither whole nor begun at the end, or what is behind it could begin in it.
        var text = any
        for (form, _) in inside {
            guard let sign = try sign(of: form, names, tokens) else { continue }
            text = try difference(text, concatenation([any, sign, any]))
        }
        var first = text
        for (form, _) in atStart {
            guard let sign = try sign(of: form, names, tokens) else { continue }
            let separator = try optional(byte(in: ByteSet(",;".utf8)))
            first = try difference(first, concatenation([space, separator, space, sign, any]))
        }
        let insideCalls = try sequence([choice(inside.map(\.node)), terminal(text)])
        let more = try repetition(insideCalls, 0, inside.isEmpty ? 0 : hasOneCall ? 1 : nil)
        let behind = try sequence([terminal(first), more])
        if atStart.isEmpty { return behind }
        let bare = try sequence([
            terminal(space),
            list(of: choice(atStart.map(\.node)), separator: space, 1, hasOneCall ? 1 : nil),
        ])
        if hasOneCall { return try choice([sequence([bare, terminal(first)]), behind]) }
        return try sequence([repetition(bare, 0, 1), behind])
    }

    /// What tells a section from a text, where something has to: a control token is in no text.
    private mutating func sign(
        of section: CallGrammar.Section,
        _ names: [String],
        _ tokens: ControlTokens,
    ) throws(GrammarError) -> Expression? {
        switch section.sign {
        case .marker(let marker):
            let word = tokens.word(marker)
            return word.first == ControlFrame.opening ? nil : try literal(word)
        case .head(let head, _): return try expression(head, names: names, mostSpace: nil, tokens)
        case .none: return nil
        }
    }

    /// What may be said in front of an answer.
    private mutating func preamble(
        _ grammar: CallGrammar,
        _ tokens: ControlTokens,
    ) throws(GrammarError) -> GrammarNode {
        guard let (heads, end) = grammar.preamble else { return try terminal(literal([])) }
        let said = try sequence([anyOf(heads, tokens), terminal(anyText()), text(end, tokens)])
        return try repetition(said, 0, 1)
    }

    /// The node of an answer without calls, which a format begins with a head.
    package mutating func node(
        forAnswer source: GrammarSource,
        heads: [String],
        _ tokens: ControlTokens,
    ) throws(GrammarError) -> GrammarNode {
        try sequence([anyOf(heads, tokens), node(for: source)])
    }

    /// One of some texts; the empty one where there are none.
    private mutating func anyOf(_ texts: [String], _ tokens: ControlTokens) throws(GrammarError) -> GrammarNode {
        try terminal(literals(texts.isEmpty ? [[]] : texts.map(tokens.word)))
    }

    private mutating func text(_ text: String, _ tokens: ControlTokens) throws(GrammarError) -> GrammarNode {
        try terminal(literal(tokens.word(text)))
    }

    /// The words of a pattern in a call of a function.
    private mutating func expression(
        _ pattern: CallGrammar.Pattern,
        of tool: ToolDefinition?,
        _ tokens: ControlTokens,
    ) throws(GrammarError) -> Expression {
        try expression(pattern, names: tool.map { [$0.name] } ?? [], mostSpace: 32, tokens)
    }

    private mutating func node(
        for part: CallGrammar.Part,
        of tool: ToolDefinition,
        _ schemas: inout CallSchemas,
        _ tokens: ControlTokens,
    ) throws(GrammarError) -> GrammarNode {
        switch part {
        case .text(let pattern): return try terminal(expression(pattern, of: tool, tokens))
        case .json(let schema):
            let key = CallSchemas.Key(schema: schema, isStrict: tool.isStrict)
            if let known = schemas.nodes[key] { return known }
            let made = try json(schema, isStrict: tool.isStrict)
            schemas.nodes[key] = made
            return made
        case .textThrough(let marker): return try textThrough(marker, tokens)
        case .sequence(let parts):
            var nodes: [GrammarNode] = []
            for part in parts { nodes.append(try node(for: part, of: tool, &schemas, tokens)) }
            return try sequence(nodes)
        case .choice(let parts):
            var nodes: [GrammarNode] = []
            for part in parts { nodes.append(try node(for: part, of: tool, &schemas, tokens)) }
            return try choice(nodes)
        case .list(let item, let open, let separator, let close):
            let item = try node(for: item, of: tool, &schemas, tokens)
            return try sequence([
                terminal(literal(tokens.word(open))),
                list(of: item, separator: literal(tokens.word(separator)), 0, nil),
                terminal(literal(tokens.word(close))),
            ])
        case .members(let members):
            var named: [MemberSet.Named] = []
            for (opener, value, isRequired) in members.named {
                let value = try node(for: value, of: tool, &schemas, tokens)
                named.append(MemberSet.Named(name: tokens.word(opener), value: value, isRequired: isRequired))
            }
            let (open, separator, close) = (members.open, members.separator, members.close)
            return try self.members(
                MemberSet(
                    open: literal(tokens.word(open)),
                    separator: literal(tokens.word(separator)),
                    close: literal(tokens.word(close)),
                    named: named,
                )
            )
        }
    }

    /// JSON that obeys a schema; where the schema can't be kept and needn't, JSON of its type.
    private mutating func json(_ schema: JSONValue, isStrict: Bool) throws(GrammarError) -> GrammarNode {
        do throws(GrammarError) {
            return try SchemaCompiler.node(for: schema, in: &self)
        } catch {
            guard !isStrict, error.reason == .unsupported || error.reason == .unsatisfiable else { throw error }
            let type: JSONValue = schema["type"].map { ["type": $0] } ?? true
            return try SchemaCompiler.node(for: type, in: &self)
        }
    }

    /// Any text that doesn't contain a marker, and the marker.
    private mutating func textThrough(_ marker: String, _ tokens: ControlTokens) throws(GrammarError) -> GrammarNode {
        let end = try literal(tokens.word(marker))
        return try terminal(concatenation([text(without: marker, tokens), end]))
    }

    /// Any text that doesn't contain a marker; a control token is in no text.
    private mutating func text(without marker: String, _ tokens: ControlTokens) throws(GrammarError) -> Expression {
        let text = try anyText()
        let word = tokens.word(marker)
        if word.first == ControlFrame.opening { return text }
        // Neither whole nor begun at the end, or the marker behind it could begin in the text.
        return try difference(text, concatenation([text, literal(word), text]))
    }
}

/// The nodes of schemas that were met already: sections in several forms share them.
private struct CallSchemas {
    struct Key: Hashable {
        var schema: JSONValue
        var isStrict: Bool
    }

    var nodes: [Key: GrammarNode] = [:]
}
