internal import OrderedJSON

/// Reads a list of calls as Python writes them, `[f(a=1), g(b="x")]`, and makes JSON of the arguments.
package struct PythonCalls: CallReader {
    private enum State {
        case list, name, argumentOrEnd, argument, equals, value, afterArgument, afterCall
        case closer(MarkerChoice)
    }

    private let closers: [[UInt8]]
    private let hasLines: Bool
    private var isInLines = false
    private var state = State.list
    private var name: [UInt8] = []
    private var value = PythonValueScanner()
    private var argumentCount = 0
    private var hasCalls = false

    /// A reader in front of the list's bracket; markers of which one may stand behind the list.
    ///
    /// - Parameter hasLines: Whether calls may also stand in lines instead of a list.
    package init(closers: [[UInt8]] = [], hasLines: Bool = false) {
        self.closers = closers
        self.hasLines = hasLines
    }

    package mutating func take(_ byte: UInt8, _ calls: inout CallSink) -> CallStep {
        switch state {
        case .value: return valueByte(byte, &calls)
        case .name, .equals:
            if Self.isName(byte) {
                name.append(byte)
                return name.count <= CallLimits.head ? .more : .fault
            }
            // No text is taken for a call whose name has a space in it or behind it.
            if case .name = state, byte.isSpace, !name.isEmpty { return .fault }
        case .closer(var choice):
            let step = choice.takeCloser(byte)
            state = .closer(choice)
            return step
        default: break
        }
        return byte.isSpace ? .more : punctuation(byte, &calls)
    }

    package mutating func finish(_ calls: inout CallSink) -> Bool {
        switch state {
        case .closer: true
        case .afterCall: isInLines
        default: false
        }
    }

    private mutating func punctuation(_ byte: UInt8, _ calls: inout CallSink) -> CallStep {
        switch (state, byte) {
        case (.list, UInt8(ascii: "[")),
            (.afterCall, UInt8(ascii: ",")) where !isInLines:
            name = []
            state = .name
        case (.name, UInt8(ascii: "(")):
            guard calls.begin(name: String(decoding: name, as: UTF8.self)) else { return .fault }
            calls.append([UInt8(ascii: "{")])
            argumentCount = 0
            state = .argumentOrEnd
        case (.list, _) where hasLines && Self.isName(byte):
            isInLines = true
            name = [byte]
            state = .name
        case (.argumentOrEnd, UInt8(ascii: ")")), (.afterArgument, UInt8(ascii: ")")), (.argument, UInt8(ascii: ")")):
            calls.append([UInt8(ascii: "}")])
            calls.end()
            hasCalls = true
            state = .afterCall
        case (.afterArgument, UInt8(ascii: ",")): state = .argument
        case (.argumentOrEnd, _) where Self.isName(byte), (.argument, _) where Self.isName(byte):
            name = [byte]
            state = .equals
        case (.equals, UInt8(ascii: "=")):
            var json: [UInt8] = argumentCount == 0 ? [] : Array(", ".utf8)
            argumentCount += 1
            JSONWriter.append(string: String(decoding: name, as: UTF8.self), to: &json)
            calls.append(json + Array(": ".utf8))
            value = PythonValueScanner()
            state = .value
        case (.afterCall, _) where isInLines:
            guard Self.isName(byte) else {
                state = .closer(MarkerChoice(closers))
                return take(byte, &calls)
            }
            name = [byte]
            state = .name
        // A comma may stand behind the last call.
        case (.afterCall, UInt8(ascii: "]")),
            (.name, UInt8(ascii: "]")) where hasCalls && name.isEmpty:
            if closers.isEmpty { return .end }
            state = .closer(MarkerChoice(closers))
            return .whole
        default: return .fault
        }
        return .more
    }

    private mutating func valueByte(_ byte: UInt8, _ calls: inout CallSink) -> CallStep {
        var json: [UInt8] = []
        let step = value.take(byte, into: &json)
        if step == .invalid { return .fault }
        calls.append(json)
        if step != .more { state = .afterArgument }
        return step == .endBefore ? take(byte, &calls) : .more
    }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"), 0x80..<0xF8:
            true
        default: false
        }
    }
}
