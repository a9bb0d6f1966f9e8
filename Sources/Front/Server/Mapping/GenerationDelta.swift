import Generation

/// A piece of output by what it is.
enum GenerationDelta: Sendable, Hashable {
    /// Text of the answer.
    case content(String)
    /// Thoughts before it.
    case reasoning(String)
    /// A call of a tool begins.
    case toolCall(index: Int, id: String, name: String)
    /// Its arguments grow.
    case toolArguments(index: Int, text: String)
}

extension GenerationPiece {
    /// What it adds.
    var deltas: [GenerationDelta] { [.content(text)] }
}
