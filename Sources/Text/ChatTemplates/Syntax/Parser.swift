/// Builds the syntax tree of a template, with the grammar and the complaints of Jinja's parser.
///
/// Its functions aren't inlined into one another, because their frames add up over the nesting of a source.
struct Parser {
    private let tokens: [Token]
    private let source: [UInt8]
    private let limits: TemplateLimits
    private var position = 0
    private var depth = 0
    private var nameIDs: [String: NameID] = [:]
    private var names: [String] = []
    /// Names of the tags that are open, innermost last.
    var openTags: [String] = []
    /// What ends each block that is open, innermost last.
    var endTags: [[String]] = []
    /// Whether `break` and `continue` have a loop here.
    var isInLoop = false
    var blockNames: Set<String> = []
    /// The macro bodies around this place, innermost last, and which implicit variables each has asked for.
    var macroUses: [Set<String>] = []
    /// For each loop body around this place, innermost last, whether it asked for `loop`.
    var loopUses: [Bool] = []
    /// Filters and tests that don't exist, used where Jinja would complain when compiling.
    ///
    /// In an `if` it complains only once the place is reached, so that a template can ask whether a filter exists.
    var unknownUses: [UnknownUse] = []

    /// The use of a filter or test that doesn't exist.
    struct UnknownUse {
        let message: String
        let line: Int
        fileprivate let token: Int
    }

    /// A parser of a template.
    ///
    /// - Throws: `TemplateError` of kind `limit` when the source is too long.
    init(source text: String, limits: TemplateLimits) throws(TemplateError) {
        guard text.utf8.count <= limits.sourceBytes else {
            let message = "the template has \(text.utf8.count) bytes; the limit is \(limits.sourceBytes)"
            throw TemplateError(.limit, message, line: 1)
        }
        (tokens, source) = Lexer.tokens(of: text)
        self.limits = limits
    }

    /// The whole template.
    mutating func program() throws(TemplateError) -> Program {
        let body = try statements(until: nil)
        if let unknown = unknownUses.first { throw failure(unknown) }
        return Program(body: body, names: names)
    }

    // MARK: Tokens

    var current: Token.Kind { tokens[position].kind }
    var next: Token.Kind { position + 1 < tokens.count ? tokens[position + 1].kind : .end }
    var line: Int { tokens[position].line }

    /// Goes one token on; the last token stays current.
    mutating func advance() throws(TemplateError) {
        guard position + 1 < tokens.count else { return }
        position += 1
        if case .failure(let message) = current { throw failure(message) }
    }

    /// Goes on if the current token is this name.
    mutating func skip(name: String) throws(TemplateError) -> Bool {
        guard isAt(name: name) else { return false }
        try advance()
        return true
    }

    /// Goes on if the current token is this symbol.
    mutating func skip(_ symbol: Symbol) throws(TemplateError) -> Bool {
        guard current == .symbol(symbol) else { return false }
        try advance()
        return true
    }

    func isAt(name: String) -> Bool { current == .name(name) }

    func isAt(anyOf names: [String]) -> Bool {
        if case .name(let name) = current { names.contains(name) } else { false }
    }

    mutating func expect(_ kind: Token.Kind) throws(TemplateError) {
        guard current == kind else { throw unexpected(expected: kind.explanation) }
        try advance()
    }

    mutating func expectName() throws(TemplateError) -> String {
        guard case .name(let name) = current else { throw unexpected(expected: "name") }
        try advance()
        return name
    }

    func unexpected(expected: String) -> TemplateError {
        if current == .end { return failure("unexpected end of template, expected '\(expected)'.") }
        return failure("expected token '\(expected)', got '\(current.explanation)'")
    }

    /// Notes a filter or test that doesn't exist.
    mutating func noteUnknown(_ kind: String, _ name: String, line: Int) {
        let message = "No \(kind) named '\(name.excerpt())'."
        unknownUses.append(UnknownUse(message: message, line: line, token: position))
    }

    /// The error for a filter or test that doesn't exist.
    func failure(_ unknown: UnknownUse) -> TemplateError {
        failure(unknown.message, line: unknown.line, token: unknown.token)
    }

    /// A syntax error at the current token or another, or in a given line.
    func failure(_ message: String, line: Int? = nil, token: Int? = nil) -> TemplateError {
        let token = tokens[token ?? position]
        if let line, line != token.line { return TemplateError(.syntax, message, line: line) }
        let lineStart = source[..<token.offset].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let column = UTF8Text.count(source[lineStart..<token.offset]) + 1
        return TemplateError(.syntax, message, line: token.line, column: column)
    }

    // MARK: Names and nesting

    /// The number of a name.
    mutating func identifier(_ name: String) -> NameID {
        if let known = nameIDs[name] { return known }
        nameIDs[name] = names.count
        names.append(name)
        return names.count - 1
    }

    /// Notes that a variable is read here.
    mutating func noteUse(of name: String) {
        switch name {
        case "caller", "kwargs", "varargs":
            for index in macroUses.indices { macroUses[index].insert(name) }
        case "loop":
            for index in loopUses.indices { loopUses[index] = true }
        default: break
        }
    }

    /// Goes one level deeper.
    ///
    /// - Throws: `TemplateError` of kind `limit`, so that hostile nesting can't overflow the stack.
    mutating func descend() throws(TemplateError) {
        depth += 1
        guard depth <= limits.nesting else {
            throw TemplateError(.limit, "the template is nested more than \(limits.nesting) levels deep", line: line)
        }
    }

    mutating func ascend() { depth -= 1 }
}
