internal import OrderedJSON

/// Reads one JSON value byte by byte: checks it as it comes, and says where it ends.
///
/// Control characters inside strings, which models write and JSON forbids, are replaced by their escapes. Takes memory
/// for the depth alone.
package struct JSONValueScanner: Sendable {
    /// What came of a byte.
    package enum Step: Sendable, Equatable {
        /// The value goes on.
        case more
        /// The value ends with this byte.
        case end
        /// The value, a number, ended before this byte.
        case endBefore
        /// No JSON value has this byte here.
        case invalid
    }

    private enum State {
        case value, firstElement, firstKey, key, colon, after
        case string, escape
        case hexadecimal(left: Int)
        case literal(StaticString, at: Int)
        case number(NumberPart)
    }

    private enum NumberPart { case sign, zero, digits, point, fraction, exponent, exponentSign, exponentDigits }

    /// Most levels of arrays and objects.
    package static let deepest = 128

    private var state = State.value
    /// The containers that are open: whether each is an object.
    private var isObject: [Bool] = []
    private var isKey = false

    /// A scanner in front of a value and its white space.
    package init() {}

    /// Takes a byte, and appends to `text` what stands for it in the value.
    package mutating func take(_ byte: UInt8, into text: inout [UInt8]) -> Step {
        switch state {
        case .string: return string(byte, &text)
        case .escape:
            guard #""\/bfnrtu"#.utf8.contains(byte) else { return .invalid }
            state = byte == UInt8(ascii: "u") ? .hexadecimal(left: 4) : .string
        case .hexadecimal(let left):
            guard Character(Unicode.Scalar(byte)).isHexDigit else { return .invalid }
            state = left == 1 ? .string : .hexadecimal(left: left - 1)
        case .literal(let word, let position):
            guard position < word.utf8CodeUnitCount, word.utf8Start[position] == byte else { return .invalid }
            text.append(byte)
            guard position + 1 == word.utf8CodeUnitCount else {
                state = .literal(word, at: position + 1)
                return .more
            }
            return close()
        case .number(let part):
            if let next = Self.next(part, byte) {
                state = .number(next)
            } else {
                guard Self.isWhole(part) else { return .invalid }
                if isObject.isEmpty { return .endBefore }
                state = .after
                return take(byte, into: &text)
            }
        default:
            if byte.isSpace {
                if !isObject.isEmpty { text.append(byte) }
                return .more
            }
            return punctuation(byte, &text)
        }
        text.append(byte)
        return .more
    }

    private mutating func string(_ byte: UInt8, _ text: inout [UInt8]) -> Step {
        switch byte {
        case UInt8(ascii: "\""):
            text.append(byte)
            guard isKey else { return close() }
            isKey = false
            state = .colon
        case UInt8(ascii: "\\"):
            text.append(byte)
            state = .escape
        // No control token stands inside a value.
        case ControlFrame.opening, ControlFrame.closing: return .invalid
        case 0..<0x20: JSONWriter.append(escaped: CollectionOfOne(byte), to: &text)
        default: text.append(byte)
        }
        return .more
    }

    /// A byte outside of strings, words and numbers.
    private mutating func punctuation(_ byte: UInt8, _ text: inout [UInt8]) -> Step {
        text.append(byte)
        switch (state, byte) {
        case (.firstElement, UInt8(ascii: "]")), (.firstKey, UInt8(ascii: "}")): return leave()
        case (.after, UInt8(ascii: "]")) where isObject.last == false: return leave()
        case (.after, UInt8(ascii: "}")) where isObject.last == true: return leave()
        case (.after, UInt8(ascii: ",")): state = isObject.last == true ? .key : .value
        case (.colon, UInt8(ascii: ":")): state = .value
        case (.firstKey, UInt8(ascii: "\"")), (.key, UInt8(ascii: "\"")):
            isKey = true
            state = .string
        case (.value, _), (.firstElement, _): return begin(byte)
        default: return .invalid
        }
        return .more
    }

    private mutating func begin(_ byte: UInt8) -> Step {
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard isObject.count < Self.deepest else { return .invalid }
            isObject.append(byte == UInt8(ascii: "{"))
            state = byte == UInt8(ascii: "{") ? .firstKey : .firstElement
        case UInt8(ascii: "\""): state = .string
        case UInt8(ascii: "t"): state = .literal("true", at: 1)
        case UInt8(ascii: "f"): state = .literal("false", at: 1)
        case UInt8(ascii: "n"): state = .literal("null", at: 1)
        case UInt8(ascii: "-"): state = .number(.sign)
        case UInt8(ascii: "0"): state = .number(.zero)
        case UInt8(ascii: "1")...UInt8(ascii: "9"): state = .number(.digits)
        default: return .invalid
        }
        return .more
    }

    private mutating func leave() -> Step {
        isObject.removeLast()
        return close()
    }

    /// A value is over; the whole is when it was in no container.
    private mutating func close() -> Step {
        state = .after
        return isObject.isEmpty ? .end : .more
    }

    private static func isWhole(_ part: NumberPart) -> Bool {
        switch part {
        case .zero, .digits, .fraction, .exponentDigits: true
        case .sign, .point, .exponent, .exponentSign: false
        }
    }

    private static func next(_ part: NumberPart, _ byte: UInt8) -> NumberPart? {
        switch (part, byte) {
        case (.sign, UInt8(ascii: "0")): .zero
        case (.sign, UInt8(ascii: "1")...UInt8(ascii: "9")): .digits
        case (.digits, UInt8(ascii: "0")...UInt8(ascii: "9")): .digits
        case (.zero, UInt8(ascii: ".")), (.digits, UInt8(ascii: ".")): .point
        case (.point, UInt8(ascii: "0")...UInt8(ascii: "9")): .fraction
        case (.fraction, UInt8(ascii: "0")...UInt8(ascii: "9")): .fraction
        case (.zero, UInt8(ascii: "e")), (.zero, UInt8(ascii: "E")), (.digits, UInt8(ascii: "e")),
            (.digits, UInt8(ascii: "E")), (.fraction, UInt8(ascii: "e")), (.fraction, UInt8(ascii: "E")):
            .exponent
        case (.exponent, UInt8(ascii: "+")), (.exponent, UInt8(ascii: "-")): .exponentSign
        case (.exponent, UInt8(ascii: "0")...UInt8(ascii: "9")),
            (.exponentSign, UInt8(ascii: "0")...UInt8(ascii: "9")),
            (.exponentDigits, UInt8(ascii: "0")...UInt8(ascii: "9")):
            .exponentDigits
        default: nil
        }
    }
}
