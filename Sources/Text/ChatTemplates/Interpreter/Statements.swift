/// How a run of statements came to its end.
enum Flow {
    case ended
    case leaveLoop
    case nextIteration
}

extension Interpreter {
    /// Runs statements in order.
    func run(_ body: [Statement], in scope: Scope) throws(TemplateError) -> Flow {
        try descend()
        defer { ascend() }
        for statement in body {
            let flow = try run(statement, in: scope)
            if flow != .ended { return flow }
        }
        return .ended
    }

    private func run(_ statement: Statement, in scope: Scope) throws(TemplateError) -> Flow {
        switch statement {
        case .text(let text): try write(text)
        case .output(let expression, let line):
            self.line = line
            try write(try evaluate(expression, in: scope))
        case .conditional(let branches, let otherwise):
            for branch in branches {
                line = branch.line
                if try evaluate(branch.condition, in: scope).isTrue { return try run(branch.body, in: scope) }
            }
            return otherwise.isEmpty ? .ended : try run(otherwise, in: scope)
        case .loop(let loop):
            line = loop.line
            try run(loop, over: try evaluate(loop.iterable, in: scope), in: scope)
        case .assign(let target, let expression, let line):
            self.line = line
            try assign(try evaluate(expression, in: scope), to: target, in: scope)
        case .macro(let definition):
            if let name = definition.nameID { scope.set(name, to: .macro(Macro(definition, scope: scope))) }
        case .leaveLoop: return .leaveLoop
        case .nextIteration: return .nextIteration
        default: return try runBlock(statement, in: scope)
        }
        return .ended
    }

    private func runBlock(_ statement: Statement, in scope: Scope) throws(TemplateError) -> Flow {
        switch statement {
        case .capture(let target, let filters, let body, let line):
            let (text, flow) = try captured(body, in: scope)
            if flow != .ended { return flow }
            try assign(try apply(filters, to: text, line: line, in: scope), to: target, in: scope)
        case .filterBlock(let filters, let body, let line):
            let (text, flow) = try captured(body, in: scope)
            if flow != .ended { return flow }
            try write(try apply(filters, to: text, line: line, in: scope))
        case .callBlock(let body, let callee, let arguments, let line):
            try runCall(body, callee, arguments, line: line, in: scope)
        case .with(let assignments, let body, let line):
            self.line = line
            let inner = Scope(parent: scope)
            for (target, value) in assignments { try assign(try evaluate(value, in: scope), to: target, in: inner) }
            return try run(body, in: inner)
        case .scope(let body): return try run(body, in: Scope(parent: scope))
        case .block(let body): return try run(body, in: Scope(parent: root))
        case .autoescape(let condition, let body, let line):
            self.line = line
            if try evaluate(condition, in: scope).isTrue {
                throw failure("autoescape isn't supported: a prompt isn't HTML")
            }
            return try run(body, in: Scope(parent: scope))
        case .unsupported(let message, let line):
            self.line = line
            throw failure(message)
        default: break
        }
        return .ended
    }

    private func captured(_ body: [Statement], in scope: Scope) throws(TemplateError) -> (Value, Flow) {
        var flow = Flow.ended
        let text = try capture { () throws(TemplateError) in flow = try run(body, in: Scope(parent: scope)) }
        return (text, flow)
    }

    private func apply(
        _ filters: [FilterCall],
        to value: Value,
        line: Int,
        in scope: Scope
    ) throws(TemplateError) -> Value {
        self.line = line
        var value = value
        for filter in filters { value = try apply(filter, to: value, in: scope) }
        return value
    }

    private func runCall(
        _ body: MacroDefinition,
        _ callee: Expression,
        _ arguments: ArgumentList,
        line: Int,
        in scope: Scope
    ) throws(TemplateError) {
        self.line = line
        let caller = Value.macro(Macro(body, scope: scope))
        let callable = try evaluate(callee, in: scope)
        var arguments = try evaluate(arguments, in: scope)
        arguments.keywords.append(("caller", caller))
        try write(try call(callable, arguments))
    }

    /// Gives a target a value, taking it apart for several names.
    func assign(_ value: Value, to target: Target, in scope: Scope) throws(TemplateError) {
        switch target {
        case .name(let name): scope.set(name, to: value)
        case .attribute(let name, let attribute):
            guard case .namespace(let namespace)? = scope.lookUp(name).value else {
                throw failure("cannot assign attribute on non-namespace object")
            }
            try checkAttributeName(attribute)
            namespace.attributes.set(Text(attribute), to: value)
        case .tuple(let targets):
            let values = try unpack(value, count: targets.count)
            for (target, value) in zip(targets, values) { try assign(value, to: target, in: scope) }
        }
    }

    private func unpack(_ value: Value, count: Int) throws(TemplateError) -> [Value] {
        switch value {
        case .none, .bool, .integer, .float, .namespace, .macro, .function, .method, .cycler, .joiner:
            throw failure("cannot unpack non-iterable \(value.typeName) object")
        default: break
        }
        let values = try array(of: value)
        if values.count < count {
            throw failure("not enough values to unpack (expected \(count), got \(values.count))")
        }
        if values.count > count { throw failure("too many values to unpack (expected \(count))") }
        return values
    }

    /// Namespaces have no names with an underscore in front.
    func checkAttributeName(_ name: String) throws(TemplateError) {
        guard name.hasPrefix("_") else { return }
        let start = "Chat templates cannot store underscore-prefixed attributes on a namespace, but got"
        throw failure("\(start) '\(name.excerpt())'. Please rename the attribute.")
    }
}
