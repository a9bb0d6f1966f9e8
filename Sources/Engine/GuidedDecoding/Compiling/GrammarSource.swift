/// What an output has to obey, as clients write it.
public enum GrammarSource: Sendable, Hashable {
    /// A regular expression that the whole output matches.
    case regex(String)
    /// One of several texts.
    case choice([String])
}
