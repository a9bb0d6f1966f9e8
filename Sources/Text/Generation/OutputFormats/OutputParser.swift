/// Takes one choice's output apart as it grows: thoughts, answer, calls of tools.
///
/// It sees the bytes of the text with control tokens framed (`ControlFrame`). How the output was cut never changes what
/// comes out, joined; it takes time proportional to the output, and memory for what it holds back alone.
package protocol OutputParser: Sendable {
    /// Takes more of the output, and returns what is certain with it.
    mutating func append(_ bytes: some Sequence<UInt8>) -> [GenerationDelta]

    /// The output ended: what was held back.
    mutating func finish() -> [GenerationDelta]

    /// Calls whose arguments are complete.
    var completedCalls: Int { get }

    /// Whether a call has begun that isn't complete.
    var isInCall: Bool { get }

    /// Where the output is.
    var phase: OutputPhase { get }
}

/// Where an output is between its thoughts and its answer.
package enum OutputPhase: Sendable, Hashable {
    /// At the beginning, where thoughts may begin.
    case start
    /// In its thoughts.
    case reasoning
    /// Behind them, or without any.
    case answer
}

/// What a parser has to know of a request.
package struct OutputSituation: Sendable {
    /// The functions that may be called; none where calls aren't looked for.
    package var tools: ToolSet?
    /// Whether thoughts are told from the answer.
    package var separatesReasoning = true
    /// Whether the prompt ends inside of thoughts; `nil` where it doesn't tell.
    package var beginsReasoning: Bool?
    /// Whether an answer without calls obeys a grammar, which may have the form of a call.
    package var obeysGrammar = false
    /// Whether control tokens that are no markers are shown by their names.
    package var showsControlTokens = false
    /// Ids for calls, instead of the format's.
    package var ids: CallIDs?

    /// A situation.
    package init(tools: ToolSet? = nil, beginsReasoning: Bool? = nil) {
        self.tools = tools
        self.beginsReasoning = beginsReasoning
    }
}
