/// Reads GBNF and XGrammar's EBNF: rules `name ::= …`, of which `root` is what an output matches.
struct EBNFParser {
    private var reader: RuleReader

    init(_ text: String, limits: GrammarLimits) { reader = RuleReader(text, limits: limits) }

    mutating func parse() throws(GrammarError) -> RuleGrammar {
        var grammar = RuleGrammar(root: "root")
        skip()
        while !reader.isAtEnd {
            guard let name = name() else { throw reader.error("something that isn't a rule's name") }
            skip()
            try reader.expect("::=")
            guard grammar.rules[name] == nil else { throw reader.error("the rule \"\(name)\" twice,") }
            grammar.rules[name] = try alternation()
        }
        return grammar
    }

    private static let comments = ["#", "//"]

    private mutating func skip() { reader.skipSpace(comments: Self.comments) }

    private mutating func name() -> String? {
        reader.name { $0.properties.isAlphabetic || ("0"..."9").contains($0) || "-_.".unicodeScalars.contains($0) }
    }

    /// Whether the next rule begins here.
    private func isRuleNext() -> Bool {
        var ahead = self
        guard ahead.name() != nil else { return false }
        ahead.skip()
        return ahead.reader.isNext("::=")
    }

    private mutating func alternation() throws(GrammarError) -> RuleSyntax {
        var alternatives = [try sequence()]
        while reader.take("|") { alternatives.append(try sequence()) }
        return alternatives.count == 1 ? alternatives[0] : .alternation(alternatives)
    }

    private mutating func sequence() throws(GrammarError) -> RuleSyntax {
        var parts: [RuleSyntax] = []
        skip()
        while let next = reader.peek(), next != "|", next != ")", !isRuleNext() {
            let part = try part()
            parts.append(try repeated(part))
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func part() throws(GrammarError) -> RuleSyntax {
        if reader.take("\"\"\"") {
            throw reader.error("a literal in three quotes, which isn't supported,", .unsupported)
        }
        if reader.take("\"") { return .literal(Array(try reader.quoted("\"").utf8)) }
        if reader.take("[") { return .characters(try characterClass()) }
        if reader.take(".") { return .characters(.all) }
        if reader.take("(=") { throw reader.error("a lookahead, which isn't supported,", .unsupported) }
        if reader.take("(") { return try group() }
        if reader.take("<") { return try special() }
        guard let name = name() else {
            throw reader.error("\"\(reader.peek().map(String.init) ?? "")\" where a part of a rule has to be")
        }
        if reader.isNext("(") { throw reader.error("the macro \"\(name)\", which isn't supported,", .unsupported) }
        return .name(name)
    }

    private mutating func group() throws(GrammarError) -> RuleSyntax {
        var parser = self
        let body = try reader.nested { (reader) throws(GrammarError) in
            parser.reader = reader
            let body = try parser.alternation()
            reader.position = parser.reader.position
            return body
        }
        try reader.expect(")")
        return body
    }

    private mutating func special() throws(GrammarError) -> RuleSyntax {
        if reader.isNext("[") { throw reader.error("a token's number, which isn't supported,", .unsupported) }
        guard let name = reader.name({ $0 != ">" && $0 != "\n" }), reader.take(">") else {
            throw reader.error("a token's name without an end")
        }
        return .special("<\(name)>")
    }

    private mutating func repeated(_ part: RuleSyntax) throws(GrammarError) -> RuleSyntax {
        skip()
        return try reader.repeated(part) { reader throws(GrammarError) in
            defer { reader.skipSpace(comments: Self.comments) }
            return try reader.quantifier()
        }
    }

    private mutating func characterClass() throws(GrammarError) -> ScalarSet {
        let isNegative = reader.take("^")
        var ranges: [ClosedRange<UInt32>] = []
        while !reader.take("]") {
            let low = try classCharacter()
            if reader.peek() == "-", let behind = reader.peek(1), behind != "]" {
                reader.position += 1
                let high = try classCharacter()
                guard low <= high else { throw reader.error("a range of characters that is out of order") }
                ranges.append(low.value...high.value)
            } else {
                ranges.append(low.value...low.value)
            }
        }
        return isNegative ? ScalarSet(ranges).inverted : ScalarSet(ranges)
    }

    private mutating func classCharacter() throws(GrammarError) -> Unicode.Scalar {
        guard let scalar = reader.peek(), scalar != "\n" else { throw reader.error("a \"[\" without a \"]\"") }
        reader.position += 1
        return scalar == "\\" ? try reader.escape() : scalar
    }
}
