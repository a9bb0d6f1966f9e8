internal import OrderedJSON

/// Reads Lark's grammars with llguidance's additions: rules `name: …`, terminals `NAME: …`, `start` is what an output
/// matches.
///
/// Words are read in any way that fits, not only by their longest match. Priorities, templates and what only the building
/// of trees is concerned with (`?`, `!`, `->`) are refused or left out, as the tree is never built.
struct LarkParser {
    var reader: RuleReader
    private(set) var grammar = RuleGrammar(root: "start")
    /// Steps of compiling that are left to read regular expressions.
    private(set) var stepsLeft: Int

    init(_ text: String, limits: GrammarLimits, stepsLeft: Int) {
        reader = RuleReader(text, limits: limits)
        self.stepsLeft = stepsLeft
    }

    mutating func parse() throws(GrammarError) -> RuleGrammar {
        skip()
        while !reader.isAtEnd {
            if reader.peek() == "%" { try directive() } else { try rule() }
            skip()
        }
        return grammar
    }

    mutating func skip() { reader.skipSpace(comments: ["//", "#"]) }

    mutating func name() -> String? {
        guard let first = reader.peek(), first == "_" || first.properties.isAlphabetic else { return nil }
        return reader.name {
            $0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "_" || $0 == "-"
        }
    }

    /// Whether a name is a terminal's.
    static func isTerminal(_ name: String) -> Bool {
        name.unicodeScalars.first { $0 != "_" }?.properties.isUppercase ?? false
    }

    // MARK: Statements

    private mutating func rule() throws(GrammarError) {
        while reader.take("?") || reader.take("!") {}
        guard let name = name() else { throw reader.error("something that isn't a rule's name") }
        let options = try options()
        if reader.isNext(".") { throw reader.error("a priority, which isn't supported,", .unsupported) }
        if reader.isNext("{") { throw reader.error("a template, which isn't supported,", .unsupported) }
        skip()
        try reader.expect(":")
        var syntax = try alternation()
        if let suffix = options.suffix { syntax = .sequence([syntax, .literal(Array(suffix.utf8))]) }
        if options.isLazy || options.suffix != nil { syntax = .shortest(syntax) }
        try define(name, syntax, isTerminal: Self.isTerminal(name))
    }

    private mutating func define(
        _ name: String,
        _ syntax: RuleSyntax,
        isTerminal: Bool
    ) throws(GrammarError) {
        guard grammar.rules[name] == nil else { throw reader.error("the rule \"\(name)\" twice,") }
        grammar.rules[name] = syntax
        if isTerminal { grammar.terminals.insert(name) }
    }

    /// The options in brackets behind a rule's name.
    private mutating func options() throws(GrammarError) -> (isLazy: Bool, suffix: String?) {
        var result: (isLazy: Bool, suffix: String?) = (false, nil)
        guard reader.take("[") else { return result }
        while true {
            skip()
            guard let option = name() else { throw reader.error("a rule's option without a name") }
            skip()
            var value: String?
            if reader.take("=") {
                skip()
                try reader.expect("\"")
                value = try reader.quoted("\"")
                skip()
            }
            switch option {
            // What is captured is nobody's concern here: it doesn't change what matches.
            case "capture": break
            case "lazy" where value == nil: result.isLazy = true
            case "suffix" where value != nil: result.suffix = value
            default: throw reader.error("the option \"\(option)\", which isn't supported,", .unsupported)
            }
            if reader.take("]") { return result }
            try reader.expect(",")
        }
    }

    private mutating func directive() throws(GrammarError) {
        if reader.take("%ignore") {
            grammar.ignored.append(try alternation())
        } else if reader.take("%import") {
            try importTerminals()
        } else if reader.take("%llguidance") {
            guard case .object(let options) = try json(), options.isEmpty else {
                throw reader.error("options of llguidance, which aren't supported,", .unsupported)
            }
        } else {
            throw reader.error("a directive that isn't supported", .unsupported)
        }
    }

    private mutating func importTerminals() throws(GrammarError) {
        skip()
        guard reader.take("common") else {
            throw reader.error("an import from elsewhere than \"common\", which isn't supported,", .unsupported)
        }
        skip()
        if reader.take(".") {
            let name = name() ?? ""
            skip()
            var alias = name
            if reader.take("->") {
                skip()
                alias = self.name() ?? ""
            }
            return try importTerminal(name, as: alias)
        }
        try reader.expect("(")
        repeat {
            skip()
            let name = name() ?? ""
            try importTerminal(name, as: name)
            skip()
        } while reader.take(",")
        try reader.expect(")")
    }

    private mutating func importTerminal(_ name: String, as alias: String) throws(GrammarError) {
        guard let pattern = LarkLibrary.terminals[name] else {
            throw reader.error("an import of \"\(name)\", which \"common\" hasn't,", .unsupported)
        }
        guard grammar.rules[alias] == nil else { return }
        try define(alias, .regex(regex(pattern, .lark)), isTerminal: true)
    }

    /// Reads a regular expression.
    mutating func regex(_ pattern: String, _ options: RegexOptions) throws(GrammarError) -> RegexSyntax {
        try RegexSyntax.parse(pattern, options: options, limits: reader.limits, stepsLeft: &stepsLeft)
    }

    /// A JSON value.
    mutating func json() throws(GrammarError) -> JSONValue {
        skip()
        let start = reader.position
        var depth = 0
        repeat {
            guard let next = reader.peek() else { throw reader.error("a JSON value without an end") }
            reader.position += 1
            switch next {
            case "{", "[": depth += 1
            case "}", "]": depth -= 1
            case "\"":
                while let inner = reader.peek(), inner != "\"" { reader.position += inner == "\\" ? 2 : 1 }
                reader.position += 1
            default:
                if depth == 0 { throw reader.error("something else where a JSON object has to be") }
            }
        } while depth > 0
        var text = String.UnicodeScalarView()
        text.append(contentsOf: reader.scalars[start..<min(reader.position, reader.scalars.count)])
        do { return try JSONParser.parse(String(text)) } catch {
            throw reader.error("JSON that isn't well formed (\(error))")
        }
    }
}
