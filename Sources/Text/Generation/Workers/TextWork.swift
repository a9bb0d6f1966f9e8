internal import OrderedJSON

/// How much a piece of text work will take, known before it begins.
package struct TextWork: Sendable, Hashable {
    /// Bytes of memory that tokenizing takes for each byte of text at worst, which is one endless word.
    private static let memoryPerByte = 80
    /// Texts up to this many bytes take a few milliseconds.
    private static let shortBytes = 1 << 14

    /// Bytes of everything that is rendered or tokenized.
    package var textBytes: Int
    /// Most bytes of memory it takes while it runs.
    package var memoryBytes: Int
    /// Whether it is done in a few milliseconds, so that it needn't wait behind what isn't.
    package var isShort: Bool

    /// Work on so many bytes of text; `templateBytes` is what rendering a template that isn't the model's own may take, for
    /// the length of such a template says nothing of its cost.
    package init(textBytes: Int, templateBytes: Int = 0) {
        self.textBytes = textBytes
        let (tokenizing, overflow) = textBytes.multipliedReportingOverflow(by: Self.memoryPerByte)
        // A rendering's memory is estimated, and may be twice as much.
        let (rendering, isTooLarge) = templateBytes.multipliedReportingOverflow(by: 2)
        memoryBytes = max(overflow ? .max : tokenizing, isTooLarge ? .max : rendering)
        isShort = textBytes <= Self.shortBytes && templateBytes == 0
    }
}

extension GenerationPrompt {
    /// The work of rendering and tokenizing it: texts, keys, a template of its own, everything counts.
    package func work(templateBytes: Int, suffixBytes: Int = 0) -> TextWork {
        switch self {
        case .text(let text): TextWork(textBytes: text.utf8.count + suffixBytes)
        case .tokens(let tokens): TextWork(textBytes: tokens.count)
        case .chat(let chat):
            TextWork(textBytes: chat.byteCount, templateBytes: chat.template == nil ? 0 : templateBytes)
        }
    }
}

extension ChatPrompt {
    /// Bytes of all that rendering looks at; a value that is no text counts as eight.
    var byteCount: Int {
        let values = [messages, tools ?? [], documents ?? [], [.object(templateVariables)]]
        return values.reduce(template?.utf8.count ?? 0) { $0 + JSONValue.array($1).byteCount }
    }
}

extension JSONValue {
    fileprivate var byteCount: Int {
        switch self {
        case .string(let text): text.utf8.count
        case .array(let elements): elements.reduce(8) { $0 + $1.byteCount }
        case .object(let members): members.reduce(8) { $0 + $1.key.utf8.count + $1.value.byteCount }
        case .null, .bool, .integer, .number: 8
        }
    }
}
