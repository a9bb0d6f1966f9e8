/// What a choice's output grows by.
///
/// Deltas of one choice come in the order of the output. A call begins with its `.toolCall`; the `.toolArguments` of the
/// same index follow it and together are the text of a JSON object, as long as the output wasn't cut and the model made
/// no mistake in it. A call without arguments has the text `{}`.
public enum GenerationDelta: Sendable, Hashable {
    /// Text of the answer.
    case content(String)
    /// Text of the thoughts before it.
    case reasoning(String)
    /// A call of a tool begins: its index among the choice's calls from 0, its id, and the tool's name.
    case toolCall(index: Int, id: String, name: String)
    /// The arguments of the call of that index go on, as JSON text cut anywhere.
    case toolArguments(index: Int, text: String)
}

extension GenerationDelta {
    /// This delta with the next one appended, where the two are parts of one text; `nil` where they aren't.
    package func joined(with next: GenerationDelta) -> GenerationDelta? {
        switch (self, next) {
        case (.content(let text), .content(let more)): .content(text + more)
        case (.reasoning(let text), .reasoning(let more)): .reasoning(text + more)
        case (.toolArguments(let index, let text), .toolArguments(let next, let more)) where index == next:
            .toolArguments(index: index, text: text + more)
        default: nil
        }
    }
}

extension [GenerationDelta] {
    /// Appends a delta, to the last one where the two are parts of one text.
    package mutating func appendJoined(_ delta: GenerationDelta) {
        if let last, let joined = last.joined(with: delta) {
            self[count - 1] = joined
        } else {
            append(delta)
        }
    }
}
