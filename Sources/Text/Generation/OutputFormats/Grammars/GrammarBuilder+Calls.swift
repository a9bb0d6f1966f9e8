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
        let opening = try terminal(literal(tokens.word(grammar.opening)))
        let closing = try terminal(literal(tokens.word(grammar.closing)))
        let section = try sequence([opening, body, closing])
        guard use.choice == .auto else {
            var prefixes: [GrammarNode] = []
            for prefix in grammar.prefixes { prefixes.append(try terminal(literal(tokens.word(prefix)))) }
            return prefixes.isEmpty ? section : try sequence([choice(prefixes), section])
        }
        if let answer { return try choice([section, node(for: answer)]) }
        guard let trigger = grammar.trigger else { return try terminal(anyText()) }
        let text = try terminal(text(without: trigger, tokens))
        let more = try repetition(sequence([section, text]), 0, hasOneCall ? 1 : nil)
        return try sequence([text, more])
    }

    private mutating func node(
        for part: CallGrammar.Part,
        _ tokens: ControlTokens,
        isStrict: Bool,
    ) throws(GrammarError) -> GrammarNode {
        switch part {
        case .text(let text): return try terminal(literal(tokens.word(text)))
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
