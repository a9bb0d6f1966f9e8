internal import OrderedJSON

/// Reads one value in Gemma's notation, byte by byte, and makes JSON of it: keys and words stand bare, and strings
/// between two markers.
///
///     {city:<escape>Paris<escape>,days:3,units:[<escape>mm<escape>],exact:true}
package struct BareValueScanner: Sendable {
    private enum State {
        case value, key, bareKey, colon, after, word
        case quote(MarkerChoice, isKey: Bool)
        case string(isKey: Bool)
    }

    private let quote: [UInt8]
    private var state = State.value
    /// The containers that are open: whether each is an object.
    private var isObject: [Bool] = []
    private var scanner: MarkerScanner
    private var text: [UInt8] = []
    private var owesComma = false

    /// A scanner in front of a value; `quote` stands at both ends of a string.
    package init(quote: [UInt8]) {
        self.quote = quote
        scanner = MarkerScanner([quote])
    }

    /// Takes a byte, and appends its JSON to `json`.
    package mutating func take(_ byte: UInt8, into json: inout [UInt8]) -> JSONValueScanner.Step {
        switch state {
        case .string(let isKey): return string(byte, isKey, &json)
        case .quote(var choice, let isKey):
            switch choice.take(byte) {
            case .more: state = .quote(choice, isKey: isKey)
            case .marker:
                state = .string(isKey: isKey)
                scanner = MarkerScanner([quote])
            case .none: return .invalid
            }
            return .more
        case .bareKey where byte == UInt8(ascii: ":"):
            JSONWriter.append(string: String(decoding: text.trimmed, as: UTF8.self), to: &json)
            state = .colon
            return take(byte, into: &json)
        case .word where Self.endsWord(byte):
            json += ArgumentText.json(text, types: nil)
            state = .after
            return isObject.isEmpty ? .endBefore : take(byte, into: &json)
        case .bareKey, .word:
            text.append(byte)
            return byte < ControlFrame.closing && text.count <= CallLimits.head ? .more : .invalid
        case .value, .key, .colon, .after:
            return byte.isSpace ? .more : punctuation(byte, &json)
        }
    }

    private mutating func punctuation(_ byte: UInt8, _ json: inout [UInt8]) -> JSONValueScanner.Step {
        switch (state, byte, isObject.last) {
        case (.colon, UInt8(ascii: ":"), _):
            json += Array(": ".utf8)
            state = .value
        case (.after, UInt8(ascii: ","), let isInObject?):
            owesComma = true
            state = isInObject ? .key : .value
        case (.key, UInt8(ascii: "}"), true?), (.after, UInt8(ascii: "}"), true?): return leave("}", &json)
        case (.value, UInt8(ascii: "]"), false?), (.after, UInt8(ascii: "]"), false?): return leave("]", &json)
        case (.key, _, _), (.value, _, _):
            if owesComma { json += Array(", ".utf8) }
            owesComma = false
            return begin(byte, isKey: { if case .key = state { true } else { false } }(), &json)
        default: return .invalid
        }
        return .more
    }

    private mutating func begin(_ byte: UInt8, isKey: Bool, _ json: inout [UInt8]) -> JSONValueScanner.Step {
        text = []
        if byte == quote.first {
            json.append(UInt8(ascii: "\""))
            state = .quote(MarkerChoice([quote]), isKey: isKey)
            return take(byte, into: &json)
        }
        if !isKey, byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
            guard isObject.count < JSONValueScanner.deepest else { return .invalid }
            isObject.append(byte == UInt8(ascii: "{"))
            json.append(byte)
            state = byte == UInt8(ascii: "{") ? .key : .value
            return .more
        }
        guard !Self.endsWord(byte), byte != UInt8(ascii: ":") else { return .invalid }
        state = isKey ? .bareKey : .word
        return take(byte, into: &json)
    }

    private mutating func string(
        _ byte: UInt8,
        _ isKey: Bool,
        _ json: inout [UInt8]
    ) -> JSONValueScanner.Step {
        let isOver = scanner.take(byte, into: &text) != nil
        if text.contains(where: { $0 >= ControlFrame.closing }) { return .invalid }
        JSONWriter.append(escaped: text, to: &json)
        text.removeAll(keepingCapacity: true)
        guard isOver else { return .more }
        json.append(UInt8(ascii: "\""))
        state = isKey ? .colon : .after
        return !isKey && isObject.isEmpty ? .end : .more
    }

    private mutating func leave(_ bracket: StaticString, _ json: inout [UInt8]) -> JSONValueScanner.Step {
        owesComma = false
        isObject.removeLast()
        JSONWriter.append(literal: bracket, to: &json)
        state = .after
        return isObject.isEmpty ? .end : .more
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
    }
}
