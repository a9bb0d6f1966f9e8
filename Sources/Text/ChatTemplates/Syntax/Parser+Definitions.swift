extension Parser {
    /// `set`, with a value or a body.
    @inline(never) mutating func assignment() throws(TemplateError) -> Statement {
        let line = line
        try advance()
        let target = try target(allowsAttribute: true)
        if isInLoop, target.assigns(identifier("loop")) {
            throw failure("Can't assign to special loop variable in for-loop target", line: line)
        }
        if try skip(.assign) { return .assign(target, try tuple(), line: line) }
        let filters = try filterChain(startsInline: false)
        let body = try strictBody { parser throws(TemplateError) in try parser.closedBody(until: "endset") }
        return .capture(target, filters, body, line: line)
    }

    /// `with`, whose values don't see its names.
    @inline(never) mutating func with() throws(TemplateError) -> Statement {
        let line = line
        try advance()
        var assignments: [(target: Target, value: Expression)] = []
        while current != .blockEnd {
            if !assignments.isEmpty { try expect(.symbol(.comma)) }
            let target = try target()
            try expect(.symbol(.assign))
            assignments.append((target, try expression()))
        }
        let body = try strictBody { parser throws(TemplateError) in try parser.closedBody(until: "endwith") }
        return .with(assignments, body, line: line)
    }

    /// `macro`.
    @inline(never) mutating func macro() throws(TemplateError) -> MacroDefinition {
        let line = line
        try advance()
        let name = try assignableName()
        return try definition(name: name, nameID: identifier(name), line: line) { parser throws(TemplateError) in
            let parameters = try parser.parameters()
            return (parameters, try parser.closedBody(until: "endmacro"))
        }
    }

    /// `call`, with or without parameters for its body.
    @inline(never) mutating func callBlock() throws(TemplateError) -> Statement {
        let line = line
        try advance()
        var call: Expression?
        let body = try definition(name: "caller", nameID: nil, line: line) { parser throws(TemplateError) in
            let parameters = parser.current == .symbol(.leftParenthesis) ? try parser.parameters() : []
            call = try parser.expression()
            return (parameters, try parser.closedBody(until: "endcall"))
        }
        guard case .chain(let callee, var links) = call else { throw failure("expected call", line: line) }
        switch links.removeLast() {
        case .call(let arguments, let line):
            return .callBlock(body: body, callee: .chain(callee, links), arguments, line: line)
        case .method(let name, let arguments, let line):
            links.append(.attribute(name, line: line))
            return .callBlock(body: body, callee: .chain(callee, links), arguments, line: line)
        default: throw failure("expected call", line: line)
        }
    }

    @inline(never) private mutating func definition(
        name: String,
        nameID: NameID?,
        line: Int,
        _ read: (inout Parser) throws(TemplateError) -> ([MacroDefinition.Parameter], [Statement])
    ) throws(TemplateError) -> MacroDefinition {
        macroUses.append([])
        let (parameters, body) = try outsideLoop(read)
        let uses = macroUses.removeLast()
        let declared = Set(parameters.map(\.name))
        func implicit(_ name: String) -> NameID? {
            uses.contains(name) && !declared.contains(name) ? identifier(name) : nil
        }
        return MacroDefinition(
            name: name,
            nameID: nameID,
            parameters: parameters,
            body: body,
            callerName: implicit("caller"),
            keywordsName: implicit("kwargs"),
            extraName: implicit("varargs"),
            line: line
        )
    }

    @inline(never) private mutating func parameters() throws(TemplateError) -> [MacroDefinition.Parameter] {
        try expect(.symbol(.leftParenthesis))
        var parameters: [MacroDefinition.Parameter] = []
        while current != .symbol(.rightParenthesis) {
            if !parameters.isEmpty { try expect(.symbol(.comma)) }
            let name = try assignableName()
            var standard: Expression?
            if try skip(.assign) {
                standard = try expression()
            } else if parameters.last?.standard != nil {
                throw failure("non-default argument follows default argument")
            }
            parameters.append(MacroDefinition.Parameter(name: name, nameID: identifier(name), standard: standard))
        }
        try advance()
        return parameters
    }

    private mutating func assignableName() throws(TemplateError) -> String {
        let name = try expectName()
        guard !Self.constants.contains(name) else { throw failure("can't assign to 'name'") }
        return name
    }

    /// Names that always mean the same.
    static let constants: Set<String> = ["true", "false", "none", "True", "False", "None"]

    /// What is assigned to: a name, a namespace's attribute, or several of them with commas.
    @inline(never) mutating func target(allowsAttribute: Bool = false, end: String? = nil) throws(TemplateError)
        -> Target
    {
        var targets: [Target] = []
        var isTuple = false
        while true {
            if !targets.isEmpty { try expect(.symbol(.comma)) }
            if isAtTupleEnd(end) { break }
            targets.append(try singleTarget(allowsAttribute: allowsAttribute))
            guard current == .symbol(.comma) else { break }
            isTuple = true
        }
        if let only = targets.first, !isTuple { return only }
        guard isTuple else { throw failure("Expected an expression, got '\(current.explanation)'") }
        return .tuple(targets)
    }

    @inline(never) private mutating func singleTarget(allowsAttribute: Bool) throws(TemplateError) -> Target {
        try descend()
        defer { ascend() }
        switch current {
        case .name(let name):
            try advance()
            guard !Self.constants.contains(name) else { throw failure("can't assign to 'const'") }
            guard allowsAttribute, try skip(.dot) else { return .name(identifier(name)) }
            return .attribute(of: identifier(name), try expectName())
        case .symbol(.leftParenthesis):
            try advance()
            if try skip(.rightParenthesis) { return .tuple([]) }
            let inner = try target()
            try expect(.symbol(.rightParenthesis))
            return inner
        case .string, .integer, .float: throw failure("can't assign to 'const'")
        case .symbol(.leftBracket): throw failure("can't assign to 'list'")
        case .symbol(.leftBrace): throw failure("can't assign to 'dict'")
        default: throw failure("unexpected '\(current.explanation)'")
        }
    }
}

extension Target {
    /// Whether assigning to this gives a name a value.
    func assigns(_ name: NameID) -> Bool {
        switch self {
        case .name(let own): own == name
        case .attribute: false
        case .tuple(let targets): targets.contains { $0.assigns(name) }
        }
    }
}
