/// Reads calls that have a head, the function's name in some dress, and behind it their arguments as a JSON object.
package struct HeadedCalls: CallReader {
    /// What is special about a format's calls.
    package struct Style: Sendable {
        /// In front of each head; none where a head follows at once.
        package var opener: [UInt8]?
        /// Between head and arguments.
        package var headEnds: [[UInt8]]
        /// What may stand between the arguments and the end of their call.
        package var trailer: [UInt8]?
        /// Ends a call; none where it ends with its arguments.
        package var closer: [UInt8]?
        /// Ends the section; none where it ends behind any call.
        package var sectionEnd: [UInt8]?
        /// The function's name in a head, and the call's id if it has one.
        package var name: @Sendable (_ head: [UInt8]) -> (name: String, id: String?)?

        /// A style in which a head is just the name.
        package init(headEnds: [[UInt8]]) {
            self.headEnds = headEnds
            name = { (String(decoding: $0.trimmed, as: UTF8.self), nil) }
        }
    }

    /// A marker between calls.
    private enum Mark: Sendable { case opener, trailer, closer, sectionEnd }

    private enum State {
        case between([Mark], MarkerChoice)
        case head
        case arguments
    }

    private let style: Style
    private var state = State.head
    private var scanner: MarkerScanner
    private var head: [UInt8] = []
    private var value = JSONValueScanner()
    private var hasCalls = false

    /// A reader behind a section's opener.
    package init(_ style: Style) {
        self.style = style
        scanner = MarkerScanner(style.headEnds)
        if style.opener != nil { expect([.opener]) }
    }

    package mutating func take(_ byte: UInt8, _ calls: inout CallSink) -> CallStep {
        switch state {
        case .between(let marks, var choice):
            switch choice.take(byte) {
            case .more: state = .between(marks, choice)
            case .marker(let index): return pass(marks[index])
            case .none(let wasInside): return hasCalls && !wasInside ? .endBefore : .fault
            }
        case .head:
            let marker = scanner.take(byte, into: &head)
            guard head.count <= CallLimits.head else { return .fault }
            guard let marker else { return .more }
            guard let (name, id) = style.name(head), calls.begin(name: name, id: id) else { return .fault }
            value = JSONValueScanner()
            state = .arguments
            // Some heads end with the arguments' first byte.
            if style.headEnds[marker] == [UInt8(ascii: "{")] { return take(byte, &calls) }
        case .arguments: return argument(byte, &calls)
        }
        return .more
    }

    package mutating func finish(_ calls: inout CallSink) -> Bool {
        if case .between = state { hasCalls } else { false }
    }

    private mutating func argument(_ byte: UInt8, _ calls: inout CallSink) -> CallStep {
        var text: [UInt8] = []
        let step = value.take(byte, into: &text)
        // Arguments are an object.
        if step == .invalid || step == .endBefore || text.first.map({ !hasObject && $0 != UInt8(ascii: "{") }) == true {
            return .fault
        }
        hasObject = hasObject || !text.isEmpty
        calls.append(text)
        guard step == .end else { return .more }
        calls.end()
        hasCalls = true
        hasObject = false
        let marks: [Mark] = [.trailer, .closer, style.closer == nil ? .opener : .sectionEnd, .sectionEnd]
        return expect(marks) ? .more : .end
    }

    /// Whether the arguments' first brace was there.
    private var hasObject = false

    private mutating func pass(_ mark: Mark) -> CallStep {
        switch mark {
        case .opener:
            head = []
            scanner = MarkerScanner(style.headEnds)
            state = .head
        case .trailer:
            expect([.closer, .sectionEnd])
            return .whole
        case .closer: return expect([.opener, .sectionEnd]) ? .whole : .end
        case .sectionEnd: return .end
        }
        return .more
    }

    /// Waits for one of the marks that the style has; `false` if it has none of them.
    @discardableResult
    private mutating func expect(_ marks: [Mark]) -> Bool {
        var present: [(mark: Mark, bytes: [UInt8])] = []
        for mark in marks {
            let bytes: [UInt8]? =
                switch mark {
                case .opener: style.opener
                case .trailer: style.trailer
                case .closer: style.closer
                case .sectionEnd: style.sectionEnd
                }
            if let bytes, !present.contains(where: { $0.bytes == bytes }) { present.append((mark, bytes)) }
        }
        state = .between(present.map(\.mark), MarkerChoice(present.map(\.bytes)))
        return !present.isEmpty
    }
}
