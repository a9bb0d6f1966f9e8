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
        let hasOneCall = use.endsWithFirstCall
        var calls: [GrammarNode] = []
        for tool in use.callable {
            calls.append(try node(for: grammar.call(tool), tokens, isStrict: tool.isStrict))
        }
        let call = try choice(calls)
        let body: GrammarNode
        if hasOneCall || grammar.hasOneCall {
            body = call
        } else {
            body = try list(of: call, separator: literal(tokens.word(grammar.separator)), 1, nil)
        }
        let section = try sequence([
            text(grammar.opening, tokens), body, text(grammar.closing, tokens),
        ])
        if use.choice != .auto { return try sequence([anyOf(grammar.prefixes, tokens), section]) }
        if !grammar.answerHeads.isEmpty {
            let said: GrammarNode
            if let answer { said = try node(for: answer) } else { said = try terminal(anyText()) }
            let choices = try choice([
                sequence([anyOf(grammar.answerHeads, tokens), said]),
                sequence([anyOf(grammar.prefixes, tokens), section]),
            ])
            return try sequence([preamble(grammar, tokens), choices])
        }
        if let answer { return try choice([section, node(for: answer)]) }
        return try free(section, body, use.callable, grammar, tokens, hasOneCall: hasOneCall)
    }

    /// An answer with text and sections in it.
    private mutating func free(
        _ section: GrammarNode,
        _ body: GrammarNode,
        _ tools: [ToolDefinition],
        _ grammar: CallGrammar,
        _ tokens: ControlTokens,
        hasOneCall: Bool,
    ) throws(GrammarError) -> GrammarNode {
        let text: Expression
        if let trigger = grammar.trigger {
            text = try self.text(without: trigger, tokens)
        } else {
            text = try anyText()
        }
        var more: [GrammarNode] = []
        if grammar.trigger != nil {
            more = [try repetition(sequence([section, terminal(text)]), 0, hasOneCall ? 1 : nil)]
        }
        // An answer that begins like a bare section is one.
        let space = try repetition(byte(in: ByteSet(" \n\r\t".utf8)), 0...)
        var first = text
        var bare: [GrammarNode] = []
        for form in grammar.bare {
            let beginnings = try literals(tools.map { tokens.word(form.beginning($0.name)) })
            first = try difference(first, concatenation([space, beginnings, anyText()]))
            let rest = hasOneCall ? [] : [try terminal(text)]
            let parts = try [
                terminal(space), self.text(form.opening, tokens), body, self.text(form.closing, tokens),
            ]
            bare.append(try sequence(parts + rest))
        }
        return try choice([sequence([terminal(first)] + more)] + bare)
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

    private mutating func node(
        for part: CallGrammar.Part,
        _ tokens: ControlTokens,
        isStrict: Bool,
    ) throws(GrammarError) -> GrammarNode {
        switch part {
        case .text(let text): return try self.text(text, tokens)
        case .json(let schema): return try json(schema, isStrict: isStrict)
        case .textThrough(let marker): return try textThrough(marker, tokens)
        case .sequence(let parts):
            var nodes: [GrammarNode] = []
            for part in parts { nodes.append(try node(for: part, tokens, isStrict: isStrict)) }
            return try sequence(nodes)
        case .choice(let parts):
            var nodes: [GrammarNode] = []
            for part in parts { nodes.append(try node(for: part, tokens, isStrict: isStrict)) }
            return try choice(nodes)
        case .list(let item, let open, let separator, let close):
            let item = try node(for: item, tokens, isStrict: isStrict)
            return try sequence([
                terminal(literal(tokens.word(open))),
                list(of: item, separator: literal(tokens.word(separator)), 0, nil),
                terminal(literal(tokens.word(close))),
            ])
        case .members(let members):
            var named: [MemberSet.Named] = []
            for (opener, value, isRequired) in members.named {
                let value = try node(for: value, tokens, isStrict: isStrict)
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

extension ControlTokens {
    /// A marker as grammars know it: control tokens between two of the marks that grammars have for them.
    fileprivate func word(_ marker: String) -> [UInt8] {
        form(marker).map { $0 == ControlFrame.closing ? ControlFrame.opening : $0 }
    }
}
