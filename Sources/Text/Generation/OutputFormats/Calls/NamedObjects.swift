/// Reads calls that nothing but their form tells from a text: JSON objects that begin with the name of a function and have
/// its arguments next, alone, in a row or in a list.
///
///     {"name": "f", "arguments": {"a": 1}}
///
/// What has another form is no call from the first byte on that differs, so that text is never held back for long.
package struct NamedObjects: CallReader {
    /// What is special about a format's objects.
    package struct Style: Sendable {
        /// Members that hold the function's name and its arguments.
        package var nameKeys = ["name"]
        package var argumentKeys = ["arguments", "parameters"]
        /// Whether the objects have to be in a list.
        package var needsList = false
        /// What ends the section; none where it may end behind any object or list.
        package var closer: [UInt8]?

        /// The plain style.
        package init() {}
    }

    /// What an object has in front of its arguments, in this order; a type may be left out.
    private enum Part {
        case firstKey, typeColon, type, typeComma, nameKey, nameColon, name, comma, argumentsKey, argumentsColon, brace
    }

    private enum State {
        /// In front of a list or an object.
        case start
        /// Between objects in a row or in a list.
        case between(hasSeparator: Bool)
        case head(Part, MarkerChoice)
        case arguments
        case afterArguments
        case closer(MarkerChoice)
    }

    private let style: Style
    private var state = State.start
    private var isList = false
    private var name = ""
    private var value = JSONValueScanner()

    /// A reader in front of the first object or of the list's bracket.
    package init(_ style: Style = Style()) { self.style = style }

    package mutating func take(_ byte: UInt8, _ calls: inout CallSink) -> CallStep {
        switch state {
        case .arguments: return argument(byte, &calls)
        case .head(let part, var choice):
            switch choice.take(byte) {
            case .more: state = .head(part, choice)
            case .marker(let index): return pass(part, index, &calls)
            case .none: return .fault
            }
            return .more
        case .closer(var choice):
            let step = choice.takeCloser(byte)
            state = .closer(choice)
            return step
        default: return byte.isSpace ? .more : punctuation(byte, calls)
        }
    }

    package mutating func finish(_ calls: inout CallSink) -> Bool {
        switch state {
        case .between(let hasSeparator): !isList && !hasSeparator
        case .closer: true
        default: false
        }
    }

    private mutating func punctuation(_ byte: UInt8, _ calls: CallSink) -> CallStep {
        switch (state, byte) {
        case (.start, UInt8(ascii: "[")):
            isList = true
            state = .between(hasSeparator: true)
        case (.start, UInt8(ascii: "{")) where !style.needsList, (.between(hasSeparator: true), UInt8(ascii: "{")),
            (.between, UInt8(ascii: "{")) where !isList:
            expect(.firstKey, calls)
        case (.between(hasSeparator: false), UInt8(ascii: ",")),
            (.between(hasSeparator: false), UInt8(ascii: ";")) where !isList:
            state = .between(hasSeparator: true)
        case (.between(hasSeparator: false), UInt8(ascii: "]")) where isList:
            guard let closer = style.closer else { return .end }
            state = .closer(MarkerChoice([closer]))
            return .whole
        case (.between(hasSeparator: false), _) where !isList:
            guard let closer = style.closer else { return .endBefore }
            var choice = MarkerChoice([closer])
            let step = choice.takeCloser(byte)
            state = .closer(choice)
            return step
        case (.afterArguments, UInt8(ascii: "}")):
            state = .between(hasSeparator: false)
            return .whole
        default: return .fault
        }
        return .more
    }

    /// Waits for a part of an object's head.
    private mutating func expect(_ part: Part, _ calls: CallSink) {
        let markers =
            switch part {
            case .firstKey: (style.nameKeys + ["type"]).map { "\"\($0)\"" }
            case .typeColon, .nameColon, .argumentsColon: [":"]
            case .type: ["\"function\""]
            case .typeComma, .comma: [","]
            case .nameKey: style.nameKeys.map { "\"\($0)\"" }
            case .name: calls.names.map { "\"\($0)\"" }
            case .argumentsKey: style.argumentKeys.map { "\"\($0)\"" }
            case .brace: ["{"]
            }
        state = .head(part, MarkerChoice(markers.map { Array($0.utf8) }))
    }

    /// Goes on behind a part of an object's head, which was the marker of this index.
    private mutating func pass(_ part: Part, _ index: Int, _ calls: inout CallSink) -> CallStep {
        switch part {
        case .firstKey: expect(index < style.nameKeys.count ? .nameColon : .typeColon, calls)
        case .typeColon: expect(.type, calls)
        case .type: expect(.typeComma, calls)
        case .typeComma: expect(.nameKey, calls)
        case .nameKey: expect(.nameColon, calls)
        case .nameColon: expect(.name, calls)
        case .name:
            name = calls.names[index]
            expect(.comma, calls)
        case .comma: expect(.argumentsKey, calls)
        case .argumentsKey: expect(.argumentsColon, calls)
        case .argumentsColon: expect(.brace, calls)
        case .brace:
            guard calls.begin(name: name) else { return .fault }
            value = JSONValueScanner()
            state = .arguments
            return argument(UInt8(ascii: "{"), &calls)
        }
        return .more
    }

    private mutating func argument(_ byte: UInt8, _ calls: inout CallSink) -> CallStep {
        var text: [UInt8] = []
        let step = value.take(byte, into: &text)
        guard step == .more || step == .end else { return .fault }
        calls.append(text)
        if step == .end {
            calls.end()
            state = .afterArguments
        }
        return .more
    }
}
