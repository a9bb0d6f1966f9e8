/// Collects what a parser finds and makes deltas of it, whole characters only.
///
/// Bytes may come cut anywhere: a character that isn't complete waits for its rest.
package struct DeltaBuilder: Sendable {
    /// What bytes are part of.
    package enum Channel: Sendable, Hashable {
        case content
        case reasoning
        case arguments(index: Int)
    }

    private var channel = Channel.content
    private var bytes: [UInt8] = []
    private var deltas: [GenerationDelta] = []

    /// Nothing yet.
    package init() {}

    /// Appends text of a channel.
    package mutating func append(_ text: some Sequence<UInt8>, to channel: Channel) {
        if channel != self.channel {
            flush(bytes.count)
            self.channel = channel
        }
        bytes.append(contentsOf: text)
    }

    /// Appends the beginning of a call.
    package mutating func appendCall(index: Int, id: String, name: String) {
        flush(bytes.count)
        deltas.append(.toolCall(index: index, id: id, name: name))
    }

    /// Removes and returns the deltas of all complete characters.
    package mutating func take() -> [GenerationDelta] {
        flush(bytes.count - Self.incompleteLength(bytes))
        defer { deltas = [] }
        return deltas
    }

    /// Removes and returns all deltas; a character without its end becomes U+FFFD.
    package mutating func finish() -> [GenerationDelta] {
        flush(bytes.count)
        defer { deltas = [] }
        return deltas
    }

    private mutating func flush(_ count: Int) {
        guard count > 0 else { return }
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        bytes.removeFirst(count)
        switch channel {
        case .content: deltas.append(.content(text))
        case .reasoning: deltas.append(.reasoning(text))
        case .arguments(let index): deltas.append(.toolArguments(index: index, text: text))
        }
    }

    /// How many bytes at the end are the beginning of a character: 0 to 3.
    private static func incompleteLength(_ bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            switch bytes[bytes.count - length] {
            case 0x80..<0xC0: continue
            case 0xC0..<0xE0: return length < 2 ? length : 0
            case 0xE0..<0xF0: return length < 3 ? length : 0
            case 0xF0...: return length < 4 ? length : 0
            default: return 0
            }
        }
        return 0
    }
}
