/// A part of an answer: thoughts, text, or a call of a tool.
public struct AnswerBlock: Sendable, Hashable {
    /// What it is.
    public enum Kind: Sendable, Hashable {
        /// Thoughts before the answer.
        case reasoning
        /// The answer's text.
        case text
        /// A call of a tool, whose arguments are the text of a JSON object.
        case call(id: String, name: String)
    }

    /// What it is.
    public var kind: Kind
    /// Its text so far; of a call, that of its arguments.
    public var text: String

    /// A block.
    public init(_ kind: Kind, text: String = "") {
        self.kind = kind
        self.text = text
    }
}
