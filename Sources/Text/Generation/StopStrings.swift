/// The stop strings of a request, compiled once for all its prompts and choices: copies share what was compiled.
public struct StopStrings: Sendable, ExpressibleByArrayLiteral {
    /// The strings as given.
    public let texts: [String]
    /// The same, compiled.
    package let automaton: StopStringAutomaton

    /// Compiles stop strings, in time and memory proportional to their length; empty ones match nothing.
    public init(_ texts: [String] = []) {
        self.texts = texts
        automaton = StopStringAutomaton(texts)
    }

    /// Compiles stop strings.
    public init(arrayLiteral texts: String...) { self.init(texts) }
}
