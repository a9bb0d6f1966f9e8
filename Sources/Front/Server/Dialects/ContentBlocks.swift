import Generation
import OpenAIProtocol

/// The blocks of one choice, one after the other: thoughts, text, calls of tools.
struct ContentBlocks: Sendable {
    /// What a piece of output does to them.
    enum Step: Sendable, Hashable {
        case begin(Int)
        case grow(Int, by: String)
        case end(Int)
    }

    private(set) var all: [AnswerBlock] = []
    private var isOpen = false

    /// Takes a piece of output; what it does, in order.
    ///
    /// Empty text begins nothing.
    mutating func take(_ delta: GenerationDelta) -> [Step] {
        switch delta {
        case .content(let text): grow(.text, by: text)
        case .reasoning(let text): grow(.reasoning, by: text)
        case .toolCall(_, let id, let name): begin(.call(id: id, name: name))
        case .toolArguments(_, let text): append(text)
        }
    }

    /// Ends the last block.
    mutating func finish() -> [Step] {
        guard isOpen else { return [] }
        isOpen = false
        return [.end(all.count - 1)]
    }

    private mutating func grow(_ kind: AnswerBlock.Kind, by text: String) -> [Step] {
        guard !text.isEmpty else { return [] }
        let begun = isOpen && all.last?.kind == kind ? [] : begin(kind)
        return begun + append(text)
    }

    private mutating func begin(_ kind: AnswerBlock.Kind) -> [Step] {
        let ended = finish()
        all.append(AnswerBlock(kind))
        isOpen = true
        return ended + [.begin(all.count - 1)]
    }

    private mutating func append(_ text: String) -> [Step] {
        guard isOpen, !text.isEmpty else { return [] }
        let index = all.count - 1
        all[index].text += text
        return [.grow(index, by: text)]
    }
}
