extension Interpreter {
    /// The value of an expression.
    func evaluate(_ expression: Expression, in scope: Scope) throws(TemplateError) -> Value {
        try charge(1)
        switch expression {
        case .none: return .none
        case .bool(let flag): return .bool(flag)
        case .integer(let value): return .integer(value)
        case .float(let value): return .float(value)
        case .string(let text): return .text(text)
        case .name(let name):
            let (value, distance) = scope.lookUp(name)
            // Macros that were made in macros see through any number of scopes.
            if distance > 8 { try charge(distance / 8) }
            return value ?? undefined(.name(program.names[name]))
        default: break
        }
        try descend()
        defer { ascend() }
        switch expression {
        case .chain(let base, let links):
            var value = try evaluate(base, in: scope)
            for link in links { value = try follow(link, from: value, in: scope) }
            return value
        case .comparison, .all, .any, .not, .conditional: return try evaluateCondition(expression, in: scope)
        case .arithmetic, .concatenation, .negative, .positive: return try evaluateArithmetic(expression, in: scope)
        case .tuple(let elements): return try tuple(try values(of: elements, in: scope))
        case .list(let elements): return try list(try values(of: elements, in: scope))
        case .dictionary(let pairs):
            let members = Members(memory)
            for (key, value) in pairs {
                let key = try evaluate(key, in: scope)
                let hash = try self.key(key)
                members.set(key, hash: hash, to: try evaluate(value, in: scope))
            }
            return try dictionary(members)
        case .slice: throw failure("a slice has no value of its own")
        default: return .none
        }
    }

    private func values(of expressions: [Expression], in scope: Scope) throws(TemplateError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(expressions.count)
        for expression in expressions { values.append(try evaluate(expression, in: scope)) }
        return values
    }

    private func evaluateCondition(_ expression: Expression, in scope: Scope) throws(TemplateError) -> Value {
        switch expression {
        case .comparison(let first, let rest):
            var left = try evaluate(first, in: scope)
            for (sign, operand) in rest {
                let right = try evaluate(operand, in: scope)
                guard try compare(left, sign, right) else { return .bool(false) }
                left = right
            }
            return .bool(true)
        case .all(let operands):
            var value = Value.bool(true)
            for operand in operands {
                value = try evaluate(operand, in: scope)
                if !value.isTrue { return value }
            }
            return value
        case .any(let operands):
            var value = Value.bool(false)
            for operand in operands {
                value = try evaluate(operand, in: scope)
                if value.isTrue { return value }
            }
            return value
        case .not(let operand): return .bool(!(try evaluate(operand, in: scope).isTrue))
        case .conditional(let condition, let then, let otherwise):
            if try evaluate(condition, in: scope).isTrue { return try evaluate(then, in: scope) }
            if let otherwise { return try evaluate(otherwise, in: scope) }
            let hint = "the inline if-expression on line \(line) evaluated to false and no else section was defined."
            return undefined(.hint(hint))
        default: return .none
        }
    }

    private func evaluateArithmetic(_ expression: Expression, in scope: Scope) throws(TemplateError) -> Value {
        switch expression {
        case .arithmetic(let first, let rest):
            var left = try evaluate(first, in: scope)
            for (sign, operand) in rest { left = try compute(left, sign, try evaluate(operand, in: scope)) }
            return left
        case .concatenation(let operands):
            var bytes: [UInt8] = []
            for operand in operands {
                try Representation.appendText(of: try evaluate(operand, in: scope), to: &bytes, self)
            }
            return try text(bytes)
        case .negative(let operand): return try negate(try evaluate(operand, in: scope))
        case .positive(let operand):
            let value = try evaluate(operand, in: scope)
            if case .float = value { return value }
            if let integer = value.asInteger { return .integer(integer) }
            throw unaryFailure("+", value)
        default: return .none
        }
    }

    private func follow(_ link: Link, from value: Value, in scope: Scope) throws(TemplateError) -> Value {
        switch link {
        case .attribute(let name, let line):
            self.line = line
            return try attribute(name, of: value)
        case .item(.slice(let start, let stop, let step), let line):
            self.line = line
            var bounds: [Value] = []
            for bound in [start, stop, step] {
                bounds.append(
                    try bound.map { bound throws(TemplateError) in
                        try evaluate(bound, in: scope)
                    } ?? .none
                )
            }
            return try slice(value, start: bounds[0], stop: bounds[1], step: bounds[2])
        case .item(let key, let line):
            let key = try evaluate(key, in: scope)
            self.line = line
            return try item(key, of: value)
        case .call(let list, let line):
            let arguments = try evaluate(list, in: scope)
            self.line = line
            return try call(value, arguments)
        case .method(let name, let list, let line):
            self.line = line
            return try callMethod(name, of: value, list, line: line, in: scope)
        case .filter(let filter): return try apply(filter, to: value, in: scope)
        case .predicate(let test, let isNegated):
            let arguments = try evaluate(test.arguments, in: scope)
            line = test.line
            guard let predicate = test.predicate else { throw failure("No test named '\(test.name.excerpt())' found.") }
            return .bool(try holds(predicate, value, arguments) != isNegated)
        }
    }

    /// Calls a method at once, without a value for the method itself where the receiver is a text or a dictionary.
    private func callMethod(
        _ name: AttributeName,
        of value: Value,
        _ list: ArgumentList,
        line: Int,
        in scope: Scope
    ) throws(TemplateError) -> Value {
        if case .string(let text) = value, let method = name.stringMethod {
            let arguments = try evaluate(list, in: scope)
            self.line = line
            return try call(method, on: text, arguments)
        }
        if case .dictionary(let members) = value, let method = name.dictionaryMethod, !method.changes {
            let arguments = try evaluate(list, in: scope)
            self.line = line
            return try call(method, on: members, arguments)
        }
        let callee = try attribute(name, of: value)
        let arguments = try evaluate(list, in: scope)
        self.line = line
        return try call(callee, arguments)
    }

    /// Applies a filter with its written arguments.
    func apply(_ filter: FilterCall, to value: Value, in scope: Scope) throws(TemplateError) -> Value {
        let arguments = try evaluate(filter.arguments, in: scope)
        line = filter.line
        guard let known = filter.filter else { throw failure("No filter named '\(filter.name.excerpt())' found.") }
        return try apply(known, to: value, arguments)
    }
}
