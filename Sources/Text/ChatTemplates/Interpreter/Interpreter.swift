internal import OrderedJSON

/// Renders a program once.
final class Interpreter {
    let program: Program
    let limits: TemplateLimits
    let memory: Memory
    let now: LocalTime
    /// What is being written: the prompt, or the text of the macro or block being captured.
    private var output: [UInt8] = []
    let root: Scope
    /// Marks what becomes text only here, as the variables' texts are marked before.
    let mark: @Sendable (JSONValue) -> JSONValue
    /// The line being run, for errors.
    @exclusivity(unchecked) var line = 1
    @exclusivity(unchecked) private var steps = 0
    /// The number of steps after which the clock is looked at again.
    @exclusivity(unchecked) private var nextLook: Int
    private let deadline: ContinuousClock.Instant
    private let isCancelled: @Sendable () -> Bool
    @exclusivity(unchecked) private var depth = 0

    /// A look at the clock costs as much as a few steps.
    private static let stepsBetweenLooks = 4096

    init(
        program: Program,
        limits: TemplateLimits,
        memory: Memory,
        now: LocalTime,
        mark: @escaping @Sendable (JSONValue) -> JSONValue,
        isCancelled: @escaping @Sendable () -> Bool
    ) {
        self.program = program
        self.limits = limits
        self.memory = memory
        self.now = now
        self.mark = mark
        self.isCancelled = isCancelled
        deadline = ContinuousClock.now + limits.duration
        nextLook = min(Self.stepsBetweenLooks, limits.steps)
        root = Scope(nameCount: program.names.count, memory)
    }

    /// The text of the program for these variables.
    func render(_ variables: JSONObject) throws(TemplateError) -> String {
        defer {
            memory.takeApart()
            releaseOutput()
        }
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

    // MARK: Limits

    /// An error at the line being run.
    func failure(_ message: String, _ kind: TemplateError.Kind = .runtime) -> TemplateError {
        TemplateError(kind, message, line: line)
    }

    /// Counts steps, and now and then looks at the limits.
    func charge(_ count: Int) throws(TemplateError) {
        steps &+= count
        if steps >= nextLook || memory.alive > memory.limit { try look() }
    }

    /// Counts the handling of text.
    func charge(bytes: Int) throws(TemplateError) { try charge(bytes / 32 + 1) }

    @inline(never) private func look() throws(TemplateError) {
        guard steps <= limits.steps else {
            throw failure("the template took more than \(limits.steps) steps", .limit)
        }
        try reserve(0)
        guard !isCancelled() else { throw failure("the rendering was cancelled", .cancelled) }
        guard ContinuousClock.now < deadline else {
            throw failure("the template took longer than \(limits.duration)", .limit)
        }
        nextLook = min(steps + Self.stepsBetweenLooks, limits.steps)
    }

    /// Checks that there is memory for so many things of a size, before they are made.
    func reserve(_ count: Int, of size: Int = 1) throws(TemplateError) {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, bytes <= memory.limit, memory.alive <= memory.limit - bytes else {
            throw failure("the template took more than \(memory.limit) bytes of memory", .limit)
        }
    }

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
        memory.hold(text.count)
    }

    /// Writes a value as printing shows it.
    func write(_ value: Value) throws(TemplateError) {
        if case .string(let text) = value { return try write(text.bytes) }
        let before = output.count
        defer { memory.hold(output.count - before) }
        try Representation.appendText(of: value, to: &output, self)
    }

    /// What is written while `body` runs, instead of writing it.
    func capture(_ body: () throws(TemplateError) -> Void) throws(TemplateError) -> Value {
        let outer = output
        output = []
        defer {
            releaseOutput()
            output = outer
        }
        try body()
        return made(output)
    }

    private func releaseOutput() {
        memory.release(output.count)
        output = []
    }
}
