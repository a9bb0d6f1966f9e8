extension Parser {
    /// Statements up to one of the end tags, whose name is then the current token, or to the end of the template.
    mutating func statements(until ends: [String]?) throws(TemplateError) -> [Statement] {
        try descend()
        defer { ascend() }
        if let ends { endTags.append(ends) }
        defer { if ends != nil { endTags.removeLast() } }
        var body: [Statement] = []
        while true {
            switch current {
            case .end: return body
            case .failure(let message): throw failure(message)
            case .data(let text):
                body.append(.text(text))
                try advance()
            case .variableBegin:
                let line = line
                try advance()
                body.append(.output(try tuple(), line: line))
                try expect(.variableEnd)
            case .blockBegin:
                try advance()
                if let ends, isAt(anyOf: ends) { return body }
                try statement(into: &body)
                try expect(.blockEnd)
            default: throw failure("unexpected '\(current.explanation)'")
            }
        }
    }

    /// The body of a tag: the end of the tag, then statements up to an end tag.
    mutating func body(until ends: [String]) throws(TemplateError) -> [Statement] {
        _ = try skip(.colon)
        try expect(.blockEnd)
        let body = try statements(until: ends)
        if current == .end { throw unknownTag(nil, ends: endTags + [ends]) }
        return body
    }

    /// A body whose end tag is read as well.
    mutating func closedBody(until end: String) throws(TemplateError) -> [Statement] {
        let body = try body(until: [end])
        try advance()
        return body
    }

    private func unknownTag(_ name: String?, ends: [[String]], line: Int? = nil) -> TemplateError {
        var message = name.map { "Encountered unknown tag '\($0.excerpt())'." } ?? "Unexpected end of template."
        if let sought = ends.last {
            let list = sought.map { "'\($0)'" }.joined(separator: " or ")
            if let name, ends.joined().contains(name) {
                message += " You probably made a nesting mistake. Jinja is expecting this tag,"
                message += " but currently looking for \(list)."
            } else {
                message += " Jinja was looking for the following tags: \(list)."
            }
        }
        if let open = openTags.last { message += " The innermost block that needs to be closed is '\(open)'." }
        return failure(message, line: line)
    }

    @inline(never) private mutating func statement(into body: inout [Statement]) throws(TemplateError) {
        guard case .name(let tag) = current else { throw failure("tag name expected") }
        let line = line
        openTags.append(tag)
        defer { openTags.removeLast() }
        if let statement = try controlStatement(tag, line: line) {
            body.append(statement)
        } else if let statement = try definition(tag, line: line) {
            body.append(statement)
        } else if tag == "print" {
            try advance()
            while current != .blockEnd {
                body.append(.output(try expression(), line: line))
                if current != .blockEnd { try expect(.symbol(.comma)) }
            }
        } else {
            openTags.removeLast()
            defer { openTags.append(tag) }
            throw unknownTag(tag, ends: endTags, line: line)
        }
    }

    @inline(never) private mutating func controlStatement(_ tag: String, line: Int) throws(TemplateError) -> Statement?
    {
        switch tag {
        case "if": return try conditional()
        case "for": return try loop()
        case "break", "continue":
            guard isInLoop else { throw failure("'\(tag)' outside loop") }
            try advance()
            return tag == "break" ? .leaveLoop : .nextIteration
        case "generation":
            try advance()
            return .scope(
                try outsideLoop { parser throws(TemplateError) in try parser.closedBody(until: "endgeneration") }
            )
        case "autoescape":
            try advance()
            let condition = try expression()
            return .autoescape(condition, try closedBody(until: "endautoescape"), line: line)
        case "block": return try block()
        case "extends", "include", "import", "from":
            while current != .blockEnd, current != .end { try advance() }
            return .unsupported("{% \(tag) %} isn't supported: a chat template stands alone", line: line)
        default: return nil
        }
    }

    @inline(never) private mutating func definition(_ tag: String, line: Int) throws(TemplateError) -> Statement? {
        switch tag {
        case "set": return try assignment()
        case "with": return try with()
        case "macro": return .macro(try macro())
        case "call": return try callBlock()
        case "filter":
            try advance()
            let filters = try filterChain(startsInline: true)
            return .filterBlock(
                filters,
                try strictBody { parser throws(TemplateError) in
                    try parser.closedBody(until: "endfilter")
                },
                line: line
            )
        default: return nil
        }
    }

    /// Reads a body that is a function of its own, where `break` has no loop.
    @inline(never) mutating func outsideLoop<Result>(
        _ read: (inout Parser) throws(TemplateError) -> Result
    ) throws(TemplateError) -> Result {
        let outer = isInLoop
        isInLoop = false
        defer { isInLoop = outer }
        return try strictBody(read)
    }

    /// Reads a body in which unknown filters are errors even inside an `if` around it.
    @inline(never) mutating func strictBody<Result>(
        _ read: (inout Parser) throws(TemplateError) -> Result
    ) throws(TemplateError) -> Result {
        let known = unknownUses.count
        let result = try read(&self)
        if unknownUses.count > known { throw failure(unknownUses[known]) }
        return result
    }

    @inline(never) private mutating func conditional() throws(TemplateError) -> Statement {
        let known = unknownUses.count
        var branches: [Branch] = []
        var otherwise: [Statement] = []
        while true {
            let line = line
            try advance()
            let condition = try tuple(allowsConditional: false)
            let body = try body(until: ["elif", "else", "endif"])
            branches.append(Branch(condition: condition, body: body, line: line))
            if isAt(name: "elif") { continue }
            if try skip(name: "else") {
                otherwise = try closedBody(until: "endif")
            } else {
                try advance()
            }
            unknownUses.removeLast(unknownUses.count - known)
            return .conditional(branches, otherwise: otherwise)
        }
    }

    @inline(never) private mutating func loop() throws(TemplateError) -> Statement {
        let line = line
        try advance()
        let target = try target(end: "in")
        if target.assigns(identifier("loop")) {
            throw failure("Can't assign to special loop variable in for-loop target", line: line)
        }
        guard try skip(name: "in") else { throw unexpected(expected: "in") }
        let iterable = try tuple(allowsConditional: false, end: "recursive")
        let condition = try skip(name: "if") ? try expression() : nil
        let isRecursive = try skip(name: "recursive")
        let wasInLoop = isInLoop
        isInLoop = true
        loopUses.append(isRecursive)
        let body = try strictBody { parser throws(TemplateError) in try parser.body(until: ["endfor", "else"]) }
        isInLoop = wasInLoop
        let usesLoop = loopUses.removeLast()
        var otherwise: [Statement] = []
        if try skip(name: "else") {
            otherwise = try strictBody { parser throws(TemplateError) in try parser.closedBody(until: "endfor") }
        } else {
            try advance()
        }
        return .loop(
            Loop(
                target: target,
                iterable: iterable,
                condition: condition,
                isRecursive: isRecursive,
                usesLoop: usesLoop,
                loopName: identifier("loop"),
                body: body,
                otherwise: otherwise,
                line: line
            )
        )
    }

    @inline(never) private mutating func block() throws(TemplateError) -> Statement {
        try advance()
        let name = try expectName()
        guard blockNames.insert(name).inserted else { throw failure("block '\(name.excerpt())' defined twice") }
        _ = try skip(name: "scoped")
        _ = try skip(name: "required")
        let body = try outsideLoop { parser throws(TemplateError) in try parser.closedBody(until: "endblock") }
        _ = try skip(name: name)
        return .block(body)
    }
}
