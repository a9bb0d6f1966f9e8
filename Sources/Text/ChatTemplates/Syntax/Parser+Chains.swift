extension Parser {
    /// Attributes, items and calls.
    @inline(never) mutating func postfix(into links: inout [Link]) throws(TemplateError) {
        while true {
            let line = line
            switch current {
            case .symbol(.dot):
                try advance()
                if case .integer(let index) = current {
                    try advance()
                    links.append(.item(.integer(index), line: line))
                    continue
                }
                guard case .name(let name) = current else { throw failure("expected name or number") }
                try advance()
                let attribute = AttributeName(name)
                if current == .symbol(.leftParenthesis) {
                    links.append(.method(attribute, try arguments(), line: line))
                } else {
                    links.append(.attribute(attribute, line: line))
                }
            case .symbol(.leftBracket):
                try advance()
                links.append(.item(try subscriptKey(), line: line))
            case .symbol(.leftParenthesis): links.append(.call(try arguments(), line: line))
            default: return
            }
        }
    }

    @inline(never) private mutating func subscriptKey() throws(TemplateError) -> Expression {
        var keys: [Expression] = []
        while current != .symbol(.rightBracket) {
            if !keys.isEmpty { try expect(.symbol(.comma)) }
            keys.append(try subscriptPart())
        }
        try advance()
        return keys.count == 1 ? keys[0] : .tuple(keys)
    }

    @inline(never) private mutating func subscriptPart() throws(TemplateError) -> Expression {
        var start: Expression?
        if current != .symbol(.colon) {
            let key = try expression()
            guard current == .symbol(.colon) else { return key }
            start = key
        }
        try advance()
        let isAtEnd: (Parser) -> Bool = { parser in
            parser.current == .symbol(.rightBracket) || parser.current == .symbol(.comma)
        }
        var stop: Expression?
        if current != .symbol(.colon), !isAtEnd(self) { stop = try expression() }
        var step: Expression?
        if try skip(.colon), !isAtEnd(self) { step = try expression() }
        return .slice(start, stop, step)
    }

    /// What is in the parentheses of a call.
    @inline(never) mutating func arguments() throws(TemplateError) -> ArgumentList {
        let line = line
        try expect(.symbol(.leftParenthesis))
        var arguments = ArgumentList()
        var isFirst = true
        func check(_ isValid: Bool) throws(TemplateError) {
            if !isValid { throw failure("invalid syntax for function call expression", line: line) }
        }
        while current != .symbol(.rightParenthesis) {
            if !isFirst {
                try expect(.symbol(.comma))
                if current == .symbol(.rightParenthesis) { break }
            }
            isFirst = false
            if try skip(.multiply) {
                try check(arguments.spread == nil && arguments.keywordSpread == nil)
                arguments.spread = try expression()
            } else if try skip(.power) {
                try check(arguments.keywordSpread == nil)
                arguments.keywordSpread = try expression()
            } else if case .name(let name) = current, next == .symbol(.assign) {
                try check(arguments.keywordSpread == nil)
                try advance()
                try advance()
                arguments.keywords.append((name, try expression()))
            } else {
                try check(
                    arguments.spread == nil && arguments.keywordSpread == nil && arguments.keywords.isEmpty
                )
                arguments.positional.append(try expression())
            }
        }
        try advance()
        return arguments
    }

    /// Filters and tests, and calls of what they give.
    @inline(never) mutating func filtersAndTests(into links: inout [Link]) throws(TemplateError) {
        while true {
            switch current {
            case .symbol(.pipe): for filter in try filterChain(startsInline: false) { links.append(.filter(filter)) }
            case .name("is"): try test(into: &links)
            case .symbol(.leftParenthesis):
                let line = line
                links.append(.call(try arguments(), line: line))
            default: return
            }
        }
    }

    /// Filters with their bars; the first without one where a tag is about filters.
    @inline(never) mutating func filterChain(startsInline: Bool) throws(TemplateError) -> [FilterCall] {
        var filters: [FilterCall] = []
        var isInline = startsInline
        while isInline || current == .symbol(.pipe) {
            if !isInline { try advance() }
            isInline = false
            let line = line
            let name = try dottedName()
            let arguments = current == .symbol(.leftParenthesis) ? try arguments() : ArgumentList()
            let filter = Filter(rawValue: name)
            if filter == nil { noteUnknown("filter", name, line: line) }
            filters.append(FilterCall(name: name, filter: filter, arguments: arguments, line: line))
        }
        return filters
    }

    private mutating func dottedName() throws(TemplateError) -> String {
        var name = try expectName()
        while try skip(.dot) { name += "." + (try expectName()) }
        return name
    }

    @inline(never) private mutating func test(into links: inout [Link]) throws(TemplateError) {
        let line = line
        try advance()
        let isNegated = try skip(name: "not")
        let name = try dottedName()
        var arguments = ArgumentList()
        switch current {
        case .symbol(.leftParenthesis): arguments = try self.arguments()
        case .name("else"), .name("or"), .name("and"): break
        case .name("is"): throw failure("You cannot chain multiple tests with is")
        case .name, .string, .integer, .float, .symbol(.leftBracket), .symbol(.leftBrace):
            try descend()
            defer { ascend() }
            let value = try primary()
            var inner: [Link] = []
            try postfix(into: &inner)
            arguments.positional = [inner.isEmpty ? value : .chain(value, inner)]
        default: break
        }
        let predicate = Predicate(rawValue: name)
        if predicate == nil { noteUnknown("test", name, line: line) }
        let call = PredicateCall(name: name, predicate: predicate, arguments: arguments, line: line)
        links.append(.predicate(call, isNegated: isNegated))
    }
}
