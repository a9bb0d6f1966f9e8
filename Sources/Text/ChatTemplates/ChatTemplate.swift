public import OrderedJSON

/// A chat template in Jinja's language, compiled once and rendered for each conversation.
///
/// It means what it means to `transformers`: Jinja 3.1's immutable sandbox with `trim_blocks` and `lstrip_blocks`, loop
/// controls, `generation` blocks, `raise_exception`, `strftime_now` and a `tojson` that doesn't escape HTML. Integers
/// have 64 bits, where Python's have no end: going beyond is an error.
public struct ChatTemplate: Sendable {
    /// The text this was compiled from.
    public let source: String
    private let program: Program
    private var limits: TemplateLimits

    /// Compiles a template, in time proportional to its length.
    ///
    /// - Throws: `TemplateError` of kind `syntax`, or `limit` for a source that is too long or nested too deep.
    public init(source: String, limits: TemplateLimits = TemplateLimits()) throws(TemplateError) {
        self.source = source
        self.limits = limits
        var parser = try Parser(source: source, limits: limits)
        self.program = try parser.program()
    }

    /// The same template, whose renderings may take what other limits say.
    package func limited(to limits: TemplateLimits) -> ChatTemplate {
        var template = self
        template.limits = limits
        return template
    }

    /// The prompt for these variables: `messages`, `tools`, `add_generation_prompt`, `bos_token` and so on.
    ///
    /// - Parameters:
    ///   - variables: What the template's names mean; names it doesn't use cost nothing.
    ///   - now: The moment `strftime_now` shows.
    ///   - mark: Applied to values that `from_json` reads: texts that were written with escapes couldn't be marked before.
    ///   - isCancelled: Asked every millisecond or so whether anybody still waits for the text.
    /// - Throws: `TemplateError` of kind `runtime`, `raised`, `limit` or `cancelled`.
    public func render(
        _ variables: JSONObject,
        now: LocalTime = LocalTime.current(),
        mark: @escaping @Sendable (JSONValue) -> JSONValue = { $0 },
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(TemplateError) -> String {
        let memory = Memory(limit: limits.memoryBytes)
        return try render(variables, memory: memory, now: now, mark: mark, isCancelled: isCancelled)
    }

    /// What a rendering took.
    package struct Cost: Sendable, Hashable {
        /// Most bytes that were counted at once.
        package var peakBytes: Int
        /// Bytes of objects that are still there after the end: 0, or a leak.
        package var leftBytes: Int
    }

    /// Renders as `render` does, and says what it took.
    package func measured(_ variables: JSONObject) -> (text: Result<String, TemplateError>, cost: Cost) {
        let memory = Memory(limit: limits.memoryBytes)
        let text = Result { () throws(TemplateError) in
            try render(variables, memory: memory, now: LocalTime.current(), mark: { $0 }, isCancelled: { false })
        }
        return (text, Cost(peakBytes: memory.peak, leftBytes: memory.alive))
    }

    private func render(
        _ variables: JSONObject,
        memory: Memory,
        now: LocalTime,
        mark: @escaping @Sendable (JSONValue) -> JSONValue,
        isCancelled: @escaping @Sendable () -> Bool
    ) throws(TemplateError) -> String {
        let interpreter = Interpreter(
            program: program,
            limits: limits,
            memory: memory,
            now: now,
            mark: mark,
            isCancelled: isCancelled
        )
        return try interpreter.render(variables)
    }
}
