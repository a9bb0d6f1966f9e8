/// Reads calls that are JSON objects with a name and arguments, alone, in a row or in a list.
package struct JSONCalls: CallReader {
    /// What is special about a format's objects.
    package struct Style: Sendable {
        /// Members that hold the function's name, the arguments, an id.
        package var nameKeys: Set<String> = ["name"]
        package var argumentKeys: Set<String> = ["arguments", "parameters"]
        package var idKeys: Set<String> = ["id"]
        /// Markers of which one may stand in front.
        package var openers: [[UInt8]] = []
        /// Markers of which one ends the section; a section without may end behind any object or list.
        package var closers: [[UInt8]] = []
        /// Bytes between objects in a row; none when there is but one.
        package var separators: [UInt8] = []

        /// The plain style.
        package init() {}
    }

    private enum State {
        case start, object
        case opener(MarkerChoice)
        case closer(MarkerChoice)
    }

    private let style: Style
    private var state: State
    private var isList = false
    /// Whether another object has to come: behind a comma.
    private var needsObject = true
    private var call: JSONCall

    /// A reader behind a section's opener.
    package init(_ style: Style = Style()) {
        self.style = style
        call = JSONCall(style)
        state = style.openers.isEmpty ? .start : .opener(MarkerChoice(style.openers))
    }

    package mutating func take(_ byte: UInt8, _ calls: inout CallSink) -> CallStep {
        switch state {
        case .opener(var choice):
            switch choice.take(byte) {
            case .more: state = .opener(choice)
            case .marker: state = .start
            case .none(wasInside: false):
                state = .start
                return take(byte, &calls)
            case .none: return .fault
            }
            return .more
        case .start: return start(byte, &calls)
        case .object:
            switch call.take(byte, &calls) {
            case .end:
                needsObject = false
                state = isList || style.closers.isEmpty ? .start : .closer(MarkerChoice(style.closers))
                return .whole
            case .fault, .endBefore: return .fault
            case .more, .whole: return .more
            }
        case .closer(var choice):
            let step = choice.takeCloser(byte)
            state = .closer(choice)
            return step
        }
    }

    package mutating func finish(_ calls: inout CallSink) -> Bool {
        switch state {
        case .start: !needsObject && !isList
        case .closer: true
        case .opener, .object: false
        }
    }

    /// A byte where an object, a list or the end of one may be.
    private mutating func start(_ byte: UInt8, _ calls: inout CallSink) -> CallStep {
        if byte.isSpace { return .more }
        switch byte {
        case UInt8(ascii: "{") where needsObject || !isList && !style.separators.isEmpty:
            call = JSONCall(style)
            state = .object
        case UInt8(ascii: "[") where !isList && needsObject: isList = true
        case UInt8(ascii: ",") where isList && !needsObject: needsObject = true
        case UInt8(ascii: "]") where isList && !needsObject:
            if style.closers.isEmpty { return .end }
            state = .closer(MarkerChoice(style.closers))
            return .whole
        case _ where !isList && !needsObject && style.separators.contains(byte): needsObject = true
        default: return needsObject || isList ? .fault : .endBefore
        }
        return .more
    }
}
