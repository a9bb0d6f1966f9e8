internal import OrderedJSON

/// Renders a program once.
final class Interpreter {
    let program: Program
    let limits: TemplateLimits
    let now: LocalTime
    /// What is being written: the prompt, or the text of the macro or block being captured.
    private var output: [UInt8] = []
    let root: Scope
    /// The line being run, for errors.
    var line = 1
    private var steps = 0
    private var depth = 0
    /// What may be part of a cycle, and is emptied at the end.
    private var namespaces: [Namespace] = []
    private var closures: [Scope] = []

    init(program: Program, limits: TemplateLimits, now: LocalTime) {
        self.program = program
        self.limits = limits
        self.now = now
        root = Scope(nameCount: program.names.count)
    }

    /// The text of the program for these variables.
    func render(_ variables: JSONObject) throws(TemplateError) -> String {
        defer { release() }
        for (identifier, name) in program.names.enumerated() {
            if let value = variables[name] {
                root.set(identifier, to: try self.value(of: value))
            } else if let function = Function(rawValue: name) {
                root.set(identifier, to: .function(function))
            }
        }
        _ = try run(program.body, in: root)
        return String(decoding: output, as: UTF8.self)
    }

    private func release() {
        root.removeAll()
        for scope in closures { scope.removeAll() }
        for namespace in namespaces { namespace.attributes.removeAll() }
    }

    /// Notes a scope that a macro keeps.
    func keep(_ scope: Scope) {
        if closures.last !== scope { closures.append(scope) }
    }

    /// A namespace with these attributes.
    func namespace(_ attributes: Members) -> Value {
        let namespace = Namespace(attributes)
        namespaces.append(namespace)
        return .namespace(namespace)
    }

    // MARK: Limits

    /// An error at the line being run.
    func failure(_ message: String, _ kind: TemplateError.Kind = .runtime) -> TemplateError {
        TemplateError(kind, message, line: line)
    }

    /// Counts steps.
    func charge(_ count: Int) throws(TemplateError) {
        steps += count
        if steps > limits.steps { throw failure("the template took more than \(limits.steps) steps", .limit) }
    }

    /// Counts the handling of text.
    func charge(bytes: Int) throws(TemplateError) { try charge(bytes / 32 + 1) }

    /// Checks the length of a text.
    func checkLength(_ bytes: Int) throws(TemplateError) {
        if bytes > limits.outputBytes {
            throw failure("the template made a text of more than \(limits.outputBytes) bytes", .limit)
        }
    }

    /// Goes one level deeper.
    func descend() throws(TemplateError) {
        depth += 1
        if depth > limits.depth {
            depth -= 1
            throw failure("the template runs nested more than \(limits.depth) levels deep", .limit)
        }
    }

    func ascend() { depth -= 1 }

    // MARK: Output

    /// Writes template text.
    func write(_ text: [UInt8]) throws(TemplateError) {
        try charge(bytes: text.count)
        try checkLength(output.count + text.count)
        output.append(contentsOf: text)
    }

    /// Writes a value as printing shows it.
    func write(_ value: Value) throws(TemplateError) {
        if case .string(let text) = value { return try write(text.bytes) }
        try Representation.appendText(of: value, to: &output, self)
    }

    /// What is written while `body` runs, instead of writing it.
    func capture(_ body: () throws(TemplateError) -> Void) throws(TemplateError) -> [UInt8] {
        let outer = output
        output = []
        defer { output = outer }
        try body()
        return output
    }
}
