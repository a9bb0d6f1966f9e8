/// How a family of models writes calls of tools: one file in `Formats` for each.
package struct ToolCallFormat: Sendable {
    /// What begins a section of calls in an answer's text.
    package struct Opener: Sendable {
        /// The marker as it stands in the stream; empty where the first byte is all.
        package var marker: [UInt8] = []
        /// Whether the marker is part of what the reader reads.
        package var isRead = false
        /// Whether the marker counts at an answer's beginning alone.
        package var isAtStart = false
        /// The bytes of which one is the answer's very first, which the reader does see; none where a marker is needed.
        package var firstBytes: [UInt8] = []
        /// Whether the section looks like text, which nothing but a call's form tells it from.
        package var isBare: Bool { isRead || isAtStart || !firstBytes.isEmpty }
        /// Makes a reader of what is behind the opener.
        package var makeReader: @Sendable () -> any CallReader

        /// A marker, anywhere in an answer or at its beginning.
        package init(
            _ marker: [UInt8],
            isRead: Bool = false,
            isAtStart: Bool = false,
            reader: @escaping @Sendable () -> any CallReader,
        ) {
            self.marker = marker
            self.isRead = isRead
            self.isAtStart = isAtStart
            makeReader = reader
        }

        /// The answer's very first byte, one of some.
        package init(firstBytes: some Sequence<UInt8>, reader: @escaping @Sendable () -> any CallReader) {
            self.firstBytes = Array(firstBytes)
            makeReader = reader
        }
    }

    /// Names of the format in `--tool_parser`, the preferred one first.
    package var names: [String]
    /// Whether a chat template shows that its model writes calls this way.
    package var isShown: @Sendable (_ template: String) -> Bool
    /// What begins sections of calls, as it looks with a vocabulary's control tokens.
    package var openers: @Sendable (ControlTokens) -> [Opener]
    /// How calls look to a grammar, with a vocabulary's control tokens; `nil` where they can't be held to one.
    package var grammar: (@Sendable (ControlTokens) -> CallGrammar)?
    /// Markers that mean nothing to a reader of the text.
    package var ignored: [String] = []
    /// Ids for calls that the model gave none.
    package var ids = CallIDs.random

    /// A format.
    package init(
        _ names: String...,
        isShown: @escaping @Sendable (_ template: String) -> Bool,
        openers: @escaping @Sendable (ControlTokens) -> [Opener],
        grammar: (@Sendable (ControlTokens) -> CallGrammar)? = nil,
    ) {
        self.names = names
        self.isShown = isShown
        self.openers = openers
        self.grammar = grammar
    }

    /// All formats, in the order in which templates are looked through: the particular before the general.
    package static let all: [ToolCallFormat] = [
        .harmony, .gemma4, .functionGemma, .deepSeekV4, .deepSeekV32, .deepSeekV3, .deepSeekV31, .kimiK2, .mistral,
        .commandR,
        .seedOSS, .qwen3Coder, .glm45, .glm40414, .llama4Pythonic, .phi4, .granite, .hermes, .llama3JSON, .olmo3,
        .pythonic, .generic,
    ]

    /// The format that a template shows.
    package static func shown(in template: String) -> ToolCallFormat? { all.first { $0.isShown(template) } }

    /// This format for models that are told another one, too: sections in either are calls.
    package func or(_ other: ToolCallFormat) -> ToolCallFormat {
        var either = self
        let own = openers
        either.openers = { own($0) + other.openers($0) }
        either.grammar = other.grammar
        return either
    }

    /// The format of a name, upper and lower case, hyphens and underscores alike.
    package static func named(_ name: String) -> ToolCallFormat? {
        all.first { $0.names.contains { plainName($0) == plainName(name) } }
    }

    /// A parser's name as it is compared.
    static func plainName(_ name: String) -> String { name.lowercased().filter { $0 != "-" && $0 != "_" } }
}
