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
    private let limits: TemplateLimits

    /// Compiles a template.
    ///
    /// - Throws: `TemplateError` of kind `syntax`, or `limit` for a source that is too long or nested too deep.
    public init(source: String, limits: TemplateLimits = TemplateLimits()) throws(TemplateError) {
        self.source = source
        self.limits = limits
        var parser = try Parser(source: source, limits: limits)
        self.program = try parser.program()
    }

    /// The prompt for these variables: `messages`, `tools`, `add_generation_prompt`, `bos_token` and so on.
    ///
    /// - Parameters:
    ///   - variables: What the template's names mean; names it doesn't use cost nothing.
    ///   - now: The moment `strftime_now` shows.
    /// - Throws: `TemplateError` of kind `runtime`, `raised` or `limit`.
    public func render(
        _ variables: JSONObject,
        now: LocalTime = LocalTime.current()
    ) throws(TemplateError) -> String {
        let interpreter = Interpreter(program: program, limits: limits, now: now)
        return try interpreter.render(variables)
    }
}
