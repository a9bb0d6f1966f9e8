internal import OrderedJSON

/// Reads calls written in tags: the function's name in one, each argument in another; makes JSON of the arguments.
package struct TaggedCalls: CallReader {
    /// What is special about a format's tags.
    package struct Style: Sendable {
        /// What stands in front of a function's name; none where the section's opener does.
        package var nameOpener: [UInt8]?
        /// What ends a name; where `parameterOpener` or `callCloser` is among them, it does both.
        package var nameClosers: [[UInt8]]
        /// What stands in front of an argument's name, and behind it.
        package var parameterOpener: [UInt8]
        package var parameterCloser: [UInt8]
        /// What stands between an argument's name and its value, by the types that a value in it has (`nil` for those of
        /// the schema); nothing where the value follows at once.
        package var valueOpeners: [(marker: [UInt8], types: Set<String>?)] = []
        /// What ends a value.
        package var valueCloser: [UInt8]
        /// What ends a call.
        package var callCloser: [UInt8]
        /// What ends the section; none where it ends with a call.
        package var sectionCloser: [UInt8]?
        /// Whether one line feed after the opening and one in front of the closing tag are no part of a value.
        package var trimsLineFeeds = false
    }

    private enum State {
        case betweenCalls(MarkerChoice)
        case name
        case betweenParameters(MarkerChoice)
        case key
        case valueOpener(MarkerChoice)
        case value
    }

    private let style: Style
    private var state: State
    private var scanner: MarkerScanner
    private var text: [UInt8] = []
    private var name = ""
    private var types: ToolSet.Types?
    private var isStreamed = false
    private var isAtValueStart = false
    private var holdsLineFeed = false
    private var argumentCount = 0
    private var hasCalls = false

    /// A reader behind a section's opener, or behind the opener of its first name.
    package init(_ style: Style, isBehindNameOpener: Bool = false) {
        self.style = style
        scanner = MarkerScanner(style.nameClosers)
        state = .name
        if let opener = style.nameOpener, !isBehindNameOpener { state = .betweenCalls(MarkerChoice([opener])) }
    }

    package mutating func take(_ byte: UInt8, _ calls: inout CallSink) -> CallStep {
        switch state {
        case .betweenCalls(var choice):
            switch choice.take(byte) {
            case .more: state = .betweenCalls(choice)
            case .marker(0) where style.nameOpener != nil: enter(.name, scanning: style.nameClosers)
            case .marker: return .end
            case .none(let wasInside): return hasCalls && !wasInside ? .endBefore : .fault
            }
        case .name: return nameByte(byte, &calls)
        case .betweenParameters(var choice):
            switch choice.take(byte) {
            case .more: state = .betweenParameters(choice)
            case .marker(0): enter(.key, scanning: [style.parameterCloser])
            case .marker: return endCall(&calls)
            case .none: return .fault
            }
        case .key:
            let marker = scanner.take(byte, into: &text)
            guard text.count <= CallLimits.head else { return .fault }
            if marker != nil { beginArgument(&calls) }
        case .valueOpener(var choice):
            switch choice.take(byte) {
            case .more: state = .valueOpener(choice)
            case .marker(let index): beginValue(style.valueOpeners[index].types ?? types, &calls)
            case .none: return .fault
            }
        case .value: return valueByte(byte, &calls)
        }
        return .more
    }

    package mutating func finish(_ calls: inout CallSink) -> Bool {
        if case .betweenCalls = state { hasCalls } else { false }
    }

    private mutating func enter(_ next: State, scanning markers: [[UInt8]]) {
        state = next
        text = []
        scanner = MarkerScanner(markers)
    }

    private mutating func nameByte(_ byte: UInt8, _ calls: inout CallSink) -> CallStep {
        let marker = scanner.take(byte, into: &text)
        guard text.count <= CallLimits.head else { return .fault }
        guard let marker else { return .more }
        name = String(decoding: text.trimmed, as: UTF8.self)
        guard calls.begin(name: name) else { return .fault }
        argumentCount = 0
        calls.append([UInt8(ascii: "{")])
        switch style.nameClosers[marker] {
        case style.parameterOpener: enter(.key, scanning: [style.parameterCloser])
        case style.callCloser: return endCall(&calls)
        default: state = .betweenParameters(MarkerChoice([style.parameterOpener, style.callCloser]))
        }
        return .more
    }

    private mutating func endCall(_ calls: inout CallSink) -> CallStep {
        calls.append([UInt8(ascii: "}")])
        calls.end()
        hasCalls = true
        guard let sectionCloser = style.sectionCloser else { return .end }
        state = .betweenCalls(MarkerChoice((style.nameOpener.map { [$0] } ?? []) + [sectionCloser]))
        return .more
    }

    private mutating func beginArgument(_ calls: inout CallSink) {
        let key = String(decoding: text.trimmed, as: UTF8.self)
        types = calls.types(of: key, in: name)
        var json: [UInt8] = argumentCount == 0 ? [] : Array(", ".utf8)
        argumentCount += 1
        JSONWriter.append(string: key, to: &json)
        calls.append(json + Array(": ".utf8))
        if style.valueOpeners.isEmpty {
            beginValue(types, &calls)
        } else {
            state = .valueOpener(MarkerChoice(style.valueOpeners.map(\.marker)))
        }
    }

    private mutating func beginValue(_ types: ToolSet.Types?, _ calls: inout CallSink) {
        self.types = types
        isStreamed = ArgumentText.isString(types)
        isAtValueStart = style.trimsLineFeeds
        holdsLineFeed = false
        if isStreamed { calls.append([UInt8(ascii: "\"")]) }
        enter(.value, scanning: [style.valueCloser])
    }

    private mutating func valueByte(_ byte: UInt8, _ calls: inout CallSink) -> CallStep {
        let known = text.count
        let isOver = scanner.take(byte, into: &text) != nil
        // No control token but the marker's own stands inside a value.
        let hasControlToken = text[known...].contains { $0 >= ControlFrame.closing }
        if hasControlToken || text.count > CallLimits.held { return .fault }
        if isAtValueStart, let first = text.first {
            isAtValueStart = false
            if first == 0x0A { text.removeFirst() }
        }
        if isStreamed { giveOut(&calls) }
        guard isOver else { return .more }
        if isStreamed {
            calls.append([UInt8(ascii: "\"")])
        } else {
            if style.trimsLineFeeds, text.last == 0x0A { text.removeLast() }
            calls.append(ArgumentText.json(text, types: types))
        }
        state = .betweenParameters(MarkerChoice([style.parameterOpener, style.callCloser]))
        return .more
    }

    /// Gives out a string's text, but a line feed only when something comes behind it.
    private mutating func giveOut(_ calls: inout CallSink) {
        guard !text.isEmpty else { return }
        if holdsLineFeed { text.insert(0x0A, at: 0) }
        holdsLineFeed = style.trimsLineFeeds && text.last == 0x0A
        if holdsLineFeed { text.removeLast() }
        var json: [UInt8] = []
        JSONWriter.append(escaped: text, to: &json)
        calls.append(json)
        text.removeAll(keepingCapacity: true)
    }
}
