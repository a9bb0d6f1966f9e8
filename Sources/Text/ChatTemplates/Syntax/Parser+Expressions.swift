extension Parser {
    func isAtTupleEnd(_ end: String?) -> Bool {
        switch current {
        case .variableEnd, .blockEnd, .symbol(.rightParenthesis): true
        case .name(let name): name == end
        default: false
        }
    }

    /// An expression, or several with commas, which are a tuple.
    mutating func tuple(
        allowsConditional: Bool = true,
        end: String? = nil,
        isParenthesized: Bool = false
    ) throws(TemplateError) -> Expression {
        var elements: [Expression] = []
        var isTuple = false
        while true {
            if !elements.isEmpty { try expect(.symbol(.comma)) }
            if isAtTupleEnd(end) { break }
            elements.append(try expression(allowsConditional: allowsConditional))
            guard current == .symbol(.comma) else { break }
            isTuple = true
        }
        if let only = elements.first, !isTuple { return only }
        guard isTuple || isParenthesized else {
            throw failure("Expected an expression, got '\(current.explanation)'")
        }
        return .tuple(elements)
    }

    /// One expression.
    mutating func expression(allowsConditional: Bool = true) throws(TemplateError) -> Expression {
        try descend()
        defer { ascend() }
        let known = unknownUses.count
        var value = try operation(.any)
        // Each condition goes around what is there, and makes it nested one deeper.
        var conditions = 0
        defer { for _ in 0..<conditions { ascend() } }
        while allowsConditional, try skip(name: "if") {
            conditions += 1
            try descend()
            let condition = try operation(.any)
            let otherwise = try skip(name: "else") ? try expression() : nil
            value = .conditional(condition, then: value, otherwise: otherwise)
            unknownUses.removeLast(unknownUses.count - known)
        }
        return value
    }

    /// How tightly operators bind, loosest first.
    enum Precedence: Int, Comparable {
        case any
        case all
        case not
        case comparison
        case sum
        case concatenation
        case product
        case power
        case operand

        static func < (left: Precedence, right: Precedence) -> Bool { left.rawValue < right.rawValue }

        var tighter: Precedence { Precedence(rawValue: rawValue + 1) ?? .operand }
    }

    private var currentPrecedence: Precedence? {
        switch current {
        case .name("or"): .any
        case .name("and"): .all
        case .name("in"): .comparison
        case .name("not"): next == .name("in") ? .comparison : nil
        case .symbol(.equal), .symbol(.notEqual), .symbol(.less), .symbol(.lessOrEqual), .symbol(.greater),
            .symbol(.greaterOrEqual):
            .comparison
        case .symbol(.add), .symbol(.subtract): .sum
        case .symbol(.concatenate): .concatenation
        case .symbol(.multiply), .symbol(.divide), .symbol(.floorDivide), .symbol(.modulo): .product
        case .symbol(.power): .power
        default: nil
        }
    }

    /// Operands joined by operators at least this tight; each run of one precedence becomes one node.
    private mutating func operation(_ loosest: Precedence) throws(TemplateError) -> Expression {
        var left: Expression
        if loosest <= .not, isAt(name: "not") {
            try descend()
            defer { ascend() }
            try advance()
            left = .not(try operation(.not))
        } else {
            left = try unary()
        }
        while let precedence = currentPrecedence, precedence >= loosest {
            left = try run(of: precedence, after: left)
        }
        return left
    }

    @inline(never) private mutating func run(of precedence: Precedence, after left: Expression) throws(TemplateError)
        -> Expression
    {
        var operands = [left]
        var signs: [Token.Kind] = []
        while currentPrecedence == precedence {
            signs.append(current)
            if isAt(name: "not") { try advance() }
            try advance()
            operands.append(try operation(precedence.tighter))
        }
        switch precedence {
        case .any: return .any(operands)
        case .all: return .all(operands)
        case .concatenation: return .concatenation(operands)
        case .comparison:
            return .comparison(left, zip(signs, operands.dropFirst()).map { (Self.comparison($0), $1) })
        default: return .arithmetic(left, zip(signs, operands.dropFirst()).map { (Self.arithmetic($0), $1) })
        }
    }

    private static func comparison(_ sign: Token.Kind) -> ComparisonOperator {
        switch sign {
        case .name("not"): .isNotIn
        case .symbol(let symbol): ComparisonOperator(rawValue: symbol.rawValue) ?? .isIn
        default: .isIn
        }
    }

    private static func arithmetic(_ sign: Token.Kind) -> ArithmeticOperator {
        guard case .symbol(let symbol) = sign else { return .add }
        return ArithmeticOperator(rawValue: symbol.rawValue) ?? .add
    }

    @inline(never) private mutating func unary(takesFilters: Bool = true) throws(TemplateError) -> Expression {
        var value: Expression
        switch current {
        case .symbol(.subtract):
            try descend()
            defer { ascend() }
            try advance()
            value = .negative(try unary(takesFilters: false))
        case .symbol(.add):
            try descend()
            defer { ascend() }
            try advance()
            value = .positive(try unary(takesFilters: false))
        default: value = try primary()
        }
        var links: [Link] = []
        try postfix(into: &links)
        if takesFilters { try filtersAndTests(into: &links) }
        if !links.isEmpty { value = .chain(value, links) }
        return value
    }

    @inline(never) mutating func primary() throws(TemplateError) -> Expression {
        switch current {
        case .name(let name):
            try advance()
            switch name {
            case "true", "True": return .bool(true)
            case "false", "False": return .bool(false)
            case "none", "None": return .none
            default:
                noteUse(of: name)
                return .name(identifier(name))
            }
        case .string(var text):
            try advance()
            while case .string(let more) = current {
                text += more
                try advance()
            }
            return .string(text)
        case .integer(let value):
            try advance()
            return .integer(value)
        case .float(let value):
            try advance()
            return .float(value)
        case .symbol(.leftParenthesis):
            try advance()
            let value = try tuple(isParenthesized: true)
            try expect(.symbol(.rightParenthesis))
            return value
        case .symbol(.leftBracket): return try list()
        case .symbol(.leftBrace): return try dictionary()
        default: throw failure("unexpected '\(current.explanation)'")
        }
    }

    @inline(never) private mutating func list() throws(TemplateError) -> Expression {
        try advance()
        var elements: [Expression] = []
        while current != .symbol(.rightBracket) {
            if !elements.isEmpty { try expect(.symbol(.comma)) }
            if current == .symbol(.rightBracket) { break }
            elements.append(try expression())
        }
        try advance()
        return .list(elements)
    }

    @inline(never) private mutating func dictionary() throws(TemplateError) -> Expression {
        try advance()
        var members: [(key: Expression, value: Expression)] = []
        while current != .symbol(.rightBrace) {
            if !members.isEmpty { try expect(.symbol(.comma)) }
            if current == .symbol(.rightBrace) { break }
            let key = try expression()
            try expect(.symbol(.colon))
            members.append((key, try expression()))
        }
        try advance()
        return .dictionary(members)
    }
}
