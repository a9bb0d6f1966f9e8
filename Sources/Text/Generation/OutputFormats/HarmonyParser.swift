/// The parser of gpt-oss's outputs, which are messages: a head with a channel and perhaps a recipient, and a body.
///
///     <|channel|>analysis<|message|>Let me see.<|end|>
///     <|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{"a": 1}<|call|>
///
/// The channel `analysis` and messages to the model's own tools are thoughts, messages to functions are calls, and all
/// others are the answer.
package struct HarmonyParser: OutputParser {
    private enum Body { case content, reasoning, arguments, afterArguments }
    private enum State {
        case head
        case body(Body)
    }

    /// The marks behind which a body begins, and those that end one.
    private enum Mark: Int, CaseIterable {
        case message, end, call, finish, start, channel

        var text: String {
            switch self {
            case .message: "<|message|>"
            case .end: "<|end|>"
            case .call: "<|call|>"
            case .finish: "<|return|>"
            case .start: "<|start|>"
            case .channel: "<|channel|>"
            }
        }
    }

    private let forms: [[UInt8]]
    private let looksForCalls: Bool
    private var state = State.head
    private var scanner: MarkerScanner
    private var sink: CallSink
    private var head: [UInt8] = []
    /// Whether any message has begun.
    private var hasBody = false
    private var value = JSONValueScanner()
    private var scratch: [UInt8] = []

    /// A parser behind a prompt that ends with the start of the assistant's message.
    package init(_ tokens: ControlTokens, situation: OutputSituation) {
        forms = Mark.allCases.map { tokens.form($0.text) }
        scanner = MarkerScanner(forms)
        looksForCalls = situation.tools != nil
        sink = CallSink(tools: situation.tools ?? ToolSet([]), ids: situation.ids ?? .random)
    }

    package var completedCalls: Int { sink.completed }
    package var isInCall: Bool { sink.isOpen }
    package var phase: OutputPhase {
        switch state {
        case .body(.reasoning): .reasoning
        case .head where !hasBody: .start
        default: .answer
        }
    }

    package mutating func append(_ bytes: some Sequence<UInt8>) -> [GenerationDelta] {
        for byte in bytes { take(byte) }
        return sink.deltas.take()
    }

    package mutating func finish() -> [GenerationDelta] {
        scratch.removeAll(keepingCapacity: true)
        scanner.finish(into: &scratch)
        pass()
        // Text without any head is an answer; the beginning of a head is nothing yet.
        if case .head = state, !isHead { sink.deltas.append(ControlFrame.unframed(head), to: .content) }
        return sink.deltas.finish()
    }

    private mutating func take(_ byte: UInt8) {
        scratch.removeAll(keepingCapacity: true)
        let marker = scanner.take(byte, into: &scratch)
        pass()
        guard let mark = marker.flatMap(Mark.init) else { return }
        switch (state, mark) {
        case (.head, .message): beginBody()
        case (.head, .channel), (.head, .start): head += Array(mark.text.utf8)
        case (.head, _): head = []
        case (.body, .channel), (.body, .start):
            endBody()
            head = Array(mark.text.utf8)
        case (.body, .message): break
        case (.body, _): endBody()
        }
    }

    /// Passes text on to where it belongs.
    private mutating func pass() {
        guard !scratch.isEmpty else { return }
        switch state {
        case .head:
            head += scratch
            if head.count > CallLimits.head {
                sink.deltas.append(ControlFrame.unframed(head), to: .content)
                head = []
                state = .body(.content)
            }
        case .body(.content): sink.deltas.append(ControlFrame.unframed(scratch), to: .content)
        case .body(.reasoning): sink.deltas.append(ControlFrame.unframed(scratch), to: .reasoning)
        case .body: for byte in scratch { passArgument(byte) }
        }
    }

    private mutating func passArgument(_ byte: UInt8) {
        switch state {
        case .body(.arguments):
            var text: [UInt8] = []
            let step = value.take(byte, into: &text)
            if step == .invalid || step == .endBefore {
                state = .body(.content)
                return passArgument(byte)
            }
            sink.append(text)
            if step == .end {
                sink.end()
                state = .body(.afterArguments)
            }
        case .body(.afterArguments) where byte.isSpace: break
        default:
            state = .body(.content)
            sink.deltas.append(ControlFrame.unframed(CollectionOfOne(byte)), to: .content)
        }
    }

    private var isHead: Bool {
        let plain = ControlFrame.unframed(head)
        return plain.starts(with: "<|".utf8) || plain.starts(with: " to=".utf8)
    }

    private mutating func beginBody() {
        let text = String(decoding: ControlFrame.unframed(head), as: UTF8.self)
        head = []
        hasBody = true
        value = JSONValueScanner()
        let channel = Self.word(in: text, behind: "<|channel|>") ?? ""
        guard let recipient = Self.word(in: text, behind: "to=") else {
            state = .body(channel == "analysis" ? .reasoning : .content)
            return
        }
        let function = recipient.hasPrefix("functions.") ? String(recipient.dropFirst("functions.".count)) : nil
        if let function, looksForCalls {
            if sink.begin(name: function) {
                state = .body(.arguments)
            } else {
                sink.deltas.append(text.utf8, to: .content)
                state = .body(.content)
            }
        } else {
            state = .body(channel == "analysis" || function == nil ? .reasoning : .content)
        }
    }

    private mutating func endBody() {
        state = .head
        head = []
    }

    /// The word behind a key in a head.
    private static func word(in head: String, behind key: String) -> String? {
        guard let range = head.firstRange(of: key) else { return nil }
        let word = head[range.upperBound...].prefix { !$0.isWhitespace && $0 != "<" }
        return word.isEmpty ? nil : String(word)
    }
}
