public import Tokenization

/// How a model's outputs are taken apart: calls of tools and thoughts, each in a format of its own or none.
public struct OutputFormat: Sendable, CustomStringConvertible {
    /// How calls are written.
    package private(set) var calls: ToolCallFormat
    /// How thoughts are marked; `nil` where they aren't.
    package private(set) var reasoning: ReasoningFormat?
    /// Whether the template shows tools to the model; if not, they are told in a message (`ToolInstructions`).
    package let knowsTools: Bool

    private let tokens: ControlTokens

    /// Why an output format can't be had.
    public enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
        /// No format has that name.
        case unknown(option: String, name: String, known: [String])

        /// What is wrong, for a person.
        public var description: String {
            switch self {
            case .unknown(let option, let name, let known):
                "\(option) is '\(name)', but must be one of \(known.joined(separator: ", "))"
            }
        }
    }

    /// The format of a model: what is named, otherwise what its chat template shows.
    ///
    /// - Parameters:
    ///   - templates: The texts of the model's chat templates.
    ///   - toolParser: The name of a format of calls.
    ///   - reasoningParser: The name of a format of thoughts.
    ///   - tokenizer: Whose control tokens mark sections.
    /// - Throws: `Failure` for a name that no format has.
    public init(
        templates: [String],
        toolParser: String? = nil,
        reasoningParser: String? = nil,
        tokenizer: Tokenizer,
    ) throws(Failure) {
        try self.init(
            templates: templates,
            toolParser: toolParser,
            reasoningParser: reasoningParser,
            tokens: ControlTokens(tokenizer),
        )
    }

    /// The format that a model's chat templates show.
    package init(templates: [String], tokens: ControlTokens) {
        self.tokens = tokens
        let template = templates.joined(separator: "\n")
        knowsTools = template.contains("tools")
        // A template that tells nothing of tools may still show how calls in older messages are written.
        let shown = ToolCallFormat.shown(in: template)
        calls = (knowsTools ? shown : shown?.or(.generic)) ?? .generic
        reasoning = ReasoningFormat.shown(in: template)
    }

    /// The format of a model with these control tokens.
    package init(
        templates: [String] = [],
        toolParser: String? = nil,
        reasoningParser: String? = nil,
        tokens: ControlTokens,
    ) throws(Failure) {
        try Self.check(toolParser: toolParser, reasoningParser: reasoningParser)
        self.init(templates: templates, tokens: tokens)
        calls = toolParser.flatMap(ToolCallFormat.named) ?? calls
        reasoning = reasoningParser.flatMap(ReasoningFormat.named) ?? reasoning
    }

    /// Checks names of formats.
    ///
    /// - Throws: `Failure` for a name that no format has.
    public static func check(toolParser: String?, reasoningParser: String?) throws(Failure) {
        if let toolParser, ToolCallFormat.named(toolParser) == nil {
            throw .unknown(option: "--tool_parser", name: toolParser, known: toolParsers)
        }
        if let reasoningParser, ReasoningFormat.named(reasoningParser) == nil {
            throw .unknown(option: "--reasoning_parser", name: reasoningParser, known: reasoningParsers)
        }
    }

    /// The names that `--tool_parser` takes.
    public static var toolParsers: [String] { ToolCallFormat.all.flatMap(\.names) }
    /// The names that `--reasoning_parser` takes.
    public static var reasoningParsers: [String] { ReasoningFormat.all.flatMap(\.names) }

    /// The format's names for the log.
    public var description: String { "calls: \(calls.names[0]), thoughts: \(reasoning?.names[0] ?? "none")" }

    /// Whether outputs are messages with channels.
    private var hasChannels: Bool { reasoning?.isHarmony ?? calls.isHarmony }

    /// What stands in front of an answer; none where nothing does.
    package var answerHeads: [String] { hasChannels ? ReasoningFormat.harmony.answerHeads : [] }

    /// A parser at the beginning of an output; `nil` where there is nothing to look for.
    package func makeParser(_ situation: OutputSituation) -> (any OutputParser)? {
        let separatesReasoning = reasoning != nil && situation.separatesReasoning
        guard situation.tools != nil || separatesReasoning || calls.isHarmony else { return nil }
        if hasChannels {
            return HarmonyParser(tokens, situation: situation)
        }
        var openers = calls.openers(tokens)
        if situation.obeysGrammar, calls.grammar?(tokens).isMarked == true { openers.removeAll(where: \.isBare) }
        var markers = situation.separatesReasoning ? reasoning?.markers(tokens) : nil
        // Calls end thoughts that were left open, but only by a control token: thoughts may speak of anything.
        let interrupters = openers.filter { $0.marker.first == ControlFrame.opening }
        if situation.tools != nil { markers?.interrupters = interrupters.map(\.marker) }
        return SectionedParser(
            reasoning: markers,
            openers: openers,
            ignored: (calls.ignored + (reasoning?.ignored ?? [])).map(tokens.form),
            situation: situation,
            ids: calls.ids,
        )
    }
}
