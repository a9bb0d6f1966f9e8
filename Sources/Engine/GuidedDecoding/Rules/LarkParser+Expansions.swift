extension LarkParser {
    /// Whether a rule or a directive begins here.
    private func isStatementNext() -> Bool {
        if reader.isNext("%json") || reader.isNext("%regex") { return false }
        if reader.isAtEnd || reader.peek() == "%" { return true }
        var ahead = self
        while ahead.reader.take("?") || ahead.reader.take("!") {}
        guard ahead.name() != nil else { return false }
        if ahead.reader.take("[") {
            while let next = ahead.reader.peek(), next != "]", next != "\n" { ahead.reader.position += 1 }
            guard ahead.reader.take("]") else { return false }
        }
        if ahead.reader.take(".") { return ("0"..."9").contains(ahead.reader.peek() ?? " ") }
        while ahead.reader.take(" ") || ahead.reader.take("\t") {}
        return ahead.reader.isNext(":")
    }

    mutating func alternation() throws(GrammarError) -> RuleSyntax {
        var alternatives = [try intersection()]
        while reader.take("|") { alternatives.append(try intersection()) }
        return alternatives.count == 1 ? alternatives[0] : .alternation(alternatives)
    }

    private mutating func intersection() throws(GrammarError) -> RuleSyntax {
        var parts = [try sequence()]
        while reader.take("&") { parts.append(try sequence()) }
        return parts.count == 1 ? parts[0] : .intersection(parts)
    }

    private mutating func sequence() throws(GrammarError) -> RuleSyntax {
        var parts: [RuleSyntax] = []
        skip()
        while let next = reader.peek(), !"|&)]".unicodeScalars.contains(next), !isStatementNext() {
            if reader.take("->") {
                skip()
                _ = name()
            } else {
                parts.append(try repeated())
            }
            skip()
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func repeated() throws(GrammarError) -> RuleSyntax {
        if reader.take("~") {
            skip()
            return .complement(try part())
        }
        let part = try part()
        return try reader.repeated(part) { reader throws(GrammarError) in
            if let bounds = try reader.quantifier() { return bounds }
            guard reader.isNext("~"), ("0"..."9").contains(reader.peek(1) ?? " ") else { return nil }
            reader.position += 1
            let minimum = try reader.number() ?? 0
            return try reader.ordered(minimum, reader.take("..") ? reader.number() : minimum)
        }
    }

    private mutating func part() throws(GrammarError) -> RuleSyntax {
        if reader.take("\"") { return try literal() }
        if reader.take("/") { return try regex() }
        if reader.take("(") { return try group(")") }
        if reader.take("[") { return .repetition(try group("]"), minimum: 0, maximum: 1) }
        if reader.take("%json") { return .schema(try json()) }
        if reader.isNext("%regex") || reader.isNext("@") {
            throw reader.error("a part of a kind that isn't supported", .unsupported)
        }
        if reader.take("<") {
            if reader.isNext("[") { throw reader.error("a token's number, which isn't supported,", .unsupported) }
            guard let name = reader.name({ $0 != ">" && $0 != "\n" }), reader.take(">") else {
                throw reader.error("a token's name without an end")
            }
            return .special("<\(name)>")
        }
        guard let name = name() else {
            throw reader.error("\"\(reader.peek().map(String.init) ?? "")\" where a part of a rule has to be")
        }
        if reader.isNext("{"), !("0"..."9").contains(reader.peek(1) ?? " "), reader.peek(1) != "," {
            throw reader.error("a template, which isn't supported,", .unsupported)
        }
        return .name(name)
    }

    private mutating func group(_ end: String) throws(GrammarError) -> RuleSyntax {
        var parser = self
        let body = try reader.nested { (reader) throws(GrammarError) in
            parser.reader = reader
            let body = try parser.alternation()
            reader.position = parser.reader.position
            return body
        }
        try reader.expect(end)
        return body
    }

    /// A literal behind its quote, or a range of characters.
    private mutating func literal() throws(GrammarError) -> RuleSyntax {
        let text = try reader.quoted("\"")
        if reader.take("..") {
            try reader.expect("\"")
            let last = try reader.quoted("\"")
            guard text.unicodeScalars.count == 1, last.unicodeScalars.count == 1,
                let low = text.unicodeScalars.first, let high = last.unicodeScalars.first, low <= high
            else { throw reader.error("a range that isn't one of characters in order") }
            return .characters(ScalarSet([low.value...high.value]))
        }
        guard reader.take("i") else { return .literal(Array(text.utf8)) }
        return .sequence(text.unicodeScalars.map { .characters(ScalarSet($0).ignoringCase) })
    }

    /// A regular expression behind its slash.
    private mutating func regex() throws(GrammarError) -> RuleSyntax {
        var pattern = String.UnicodeScalarView()
        while true {
            guard let next = reader.peek(), next != "\n" else {
                throw reader.error("a regular expression without an end")
            }
            reader.position += 1
            if next == "/" { break }
            if next == "\\", let escaped = reader.peek() {
                reader.position += 1
                if escaped != "/" { pattern.append("\\") }
                pattern.append(escaped)
            } else {
                pattern.append(next)
            }
        }
        var options = RegexOptions.lark
        while let flag = reader.peek(), ("a"..."z").contains(flag) {
            reader.position += 1
            switch flag {
            case "i": options.ignoresCase = true
            case "s": options.dotMatchesLineBreaks = true
            // Patterns are Unicode in any case.
            case "u": break
            default: throw reader.error("the flag \"\(flag)\", which isn't supported,", .unsupported)
            }
        }
        return .regex(try regex(String(pattern), options))
    }
}
