/// How a family of models marks its thoughts.
package struct ReasoningFormat: Sendable {
    /// The markers as they stand in the stream.
    package struct Markers: Sendable {
        /// What begins thoughts, at the beginning of an output.
        package var openers: [[UInt8]]
        /// What ends them.
        package var closers: [[UInt8]]
        /// What ends them without being their end: openers of calls.
        package var interrupters: [[UInt8]] = []
        /// Whether outputs begin with thoughts where the prompt doesn't tell.
        package var isOpenAtStart: Bool
    }

    /// Names of the format in `--reasoning_parser`, the preferred one first.
    package var names: [String]
    /// What begins thoughts.
    package var openers: [String]
    /// What ends thoughts.
    package var closers: [String]
    /// What is written to end thoughts that took too long, in front of a free answer; `nil` is the first closer.
    package var ending: String?
    /// Whether outputs begin with thoughts where the prompt doesn't tell.
    package var isOpenAtStart = false
    /// What stands in front of the answer, one of them, behind thoughts or without any; none where nothing does.
    package var answerHeads: [String] = []
    /// Markers around the answer that mean nothing to a reader.
    package var ignored: [String] = []
    /// Whether a chat template shows that its model marks thoughts this way; by default when it has an opener or closer.
    package var isShown: @Sendable (_ template: String) -> Bool

    /// A format.
    package init(
        _ names: String...,
        openers: [String],
        closers: [String],
        isShown: (@Sendable (_ template: String) -> Bool)? = nil,
    ) {
        self.names = names
        self.openers = openers
        self.closers = closers
        self.isShown = isShown ?? { template in (openers + closers).contains { template.contains($0) } }
    }

    /// All formats, in the order in which templates are looked through.
    package static let all: [ReasoningFormat] = [
        .harmony, .gemma4, .mistral, .commandR, .seedOSS, .kimi, .granite, .think, .deepSeekR1,
    ]

    /// The format that a template shows.
    package static func shown(in template: String) -> ReasoningFormat? { all.first { $0.isShown(template) } }

    /// The format of a name, upper and lower case, hyphens and underscores alike.
    package static func named(_ name: String) -> ReasoningFormat? {
        let name = ToolCallFormat.plainName(name)
        return all.first { $0.names.contains { ToolCallFormat.plainName($0) == name } }
    }

    /// The markers as they look with a vocabulary's control tokens.
    package func markers(_ tokens: ControlTokens) -> Markers {
        Markers(openers: openers.map(tokens.form), closers: closers.map(tokens.form), isOpenAtStart: isOpenAtStart)
    }

    /// Whether an output behind a prompt begins with thoughts; `nil` where the prompt doesn't tell.
    package func begins(behind prompt: String) -> Bool? {
        let tail = String(decoding: Array(prompt.utf8.suffix(128)).trimmed, as: UTF8.self)
        let trimmed: (String) -> String = { String(decoding: Array($0.utf8).trimmed, as: UTF8.self) }
        if openers.contains(where: { tail.hasSuffix(trimmed($0)) }) { return true }
        return closers.contains { tail.hasSuffix(trimmed($0)) } ? false : nil
    }

    /// Whether outputs are made of messages with channels.
    var isHarmony: Bool { names.contains("harmony") }
}
