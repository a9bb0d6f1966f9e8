internal import OrderedJSON

/// Reads one value as Python writes it, byte by byte, and makes JSON of it.
///
/// Strings in either quotes, numbers, `True`, `False`, `None`, lists, tuples, and dictionaries with strings for keys. JSON
/// itself is read, too.
package struct PythonValueScanner: Sendable {
    private enum State {
        case value, key, colon, after
        case string(quote: UInt8)
        case escape(quote: UInt8)
        case codePoint(quote: UInt8, left: Int, value: UInt32)
        case word
    }

    private enum Container { case list, tuple, dictionary }

    private var state = State.value
    private var containers: [Container] = []
    private var word: [UInt8] = []
    private var isKey = false
    /// Whether a comma was read, which JSON writes only in front of something.
    private var owesComma = false

    /// A scanner in front of a value and its white space.
    package init() {}

    /// Takes a byte, and appends its JSON to `json`.
    package mutating func take(_ byte: UInt8, into json: inout [UInt8]) -> JSONValueScanner.Step {
        switch state {
        case .string(let quote): return string(byte, quote, &json)
        case .escape(let quote): return escape(byte, quote, &json)
        case .codePoint(let quote, let left, let value):
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return .invalid }
            let value = value << 4 | UInt32(digit)
            state = left == 1 ? .string(quote: quote) : .codePoint(quote: quote, left: left - 1, value: value)
            return left == 1 ? codePoint(value, &json) : .more
        case .word:
            if Self.isWord(byte) {
                word.append(byte)
                return word.count <= CallLimits.head ? .more : .invalid
            }
            guard let literal = Self.literal(word) else { return .invalid }
            json += literal
            state = .after
            return containers.isEmpty ? .endBefore : take(byte, into: &json)
        case .value, .key, .colon, .after:
            return byte.isSpace ? .more : punctuation(byte, &json)
        }
    }

    private mutating func punctuation(_ byte: UInt8, _ json: inout [UInt8]) -> JSONValueScanner.Step {
        switch (state, byte, containers.last) {
        case (.colon, UInt8(ascii: ":"), _):
            json += Array(": ".utf8)
            state = .value
        case (.after, UInt8(ascii: ","), _?):
            owesComma = true
            state = containers.last == .dictionary ? .key : .value
        case (.value, UInt8(ascii: "]"), .list?), (.after, UInt8(ascii: "]"), .list?): return leave("]", &json)
        case (.value, UInt8(ascii: ")"), .tuple?), (.after, UInt8(ascii: ")"), .tuple?): return leave("]", &json)
        case (.key, UInt8(ascii: "}"), .dictionary?), (.after, UInt8(ascii: "}"), .dictionary?):
            return leave("}", &json)
        case (.key, UInt8(ascii: "\""), _), (.key, UInt8(ascii: "'"), _):
            isKey = true
            payComma(&json)
            json.append(UInt8(ascii: "\""))
            state = .string(quote: byte)
        case (.value, _, _): return begin(byte, &json)
        default: return .invalid
        }
        return .more
    }

    private mutating func begin(_ byte: UInt8, _ json: inout [UInt8]) -> JSONValueScanner.Step {
        payComma(&json)
        switch byte {
        case UInt8(ascii: "["), UInt8(ascii: "("), UInt8(ascii: "{"):
            guard containers.count < JSONValueScanner.deepest else { return .invalid }
            let isDictionary = byte == UInt8(ascii: "{")
            containers.append(isDictionary ? .dictionary : byte == UInt8(ascii: "[") ? .list : .tuple)
            json.append(UInt8(ascii: isDictionary ? "{" : "["))
            state = isDictionary ? .key : .value
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            json.append(UInt8(ascii: "\""))
            state = .string(quote: byte)
        case _ where Self.isWord(byte):
            word = [byte]
            state = .word
        default: return .invalid
        }
        return .more
    }

    private mutating func payComma(_ json: inout [UInt8]) {
        if owesComma { json += Array(", ".utf8) }
        owesComma = false
    }

    private mutating func leave(_ bracket: StaticString, _ json: inout [UInt8]) -> JSONValueScanner.Step {
        owesComma = false
        containers.removeLast()
        JSONWriter.append(literal: bracket, to: &json)
        return close()
    }

    private mutating func close() -> JSONValueScanner.Step {
        state = .after
        return containers.isEmpty ? .end : .more
    }

    private mutating func string(_ byte: UInt8, _ quote: UInt8, _ json: inout [UInt8]) -> JSONValueScanner.Step {
        switch byte {
        case quote:
            json.append(UInt8(ascii: "\""))
            guard isKey else { return close() }
            isKey = false
            state = .colon
        case UInt8(ascii: "\\"): state = .escape(quote: quote)
        case ControlFrame.opening, ControlFrame.closing: return .invalid
        default: JSONWriter.append(escaped: CollectionOfOne(byte), to: &json)
        }
        return .more
    }

    private mutating func escape(_ byte: UInt8, _ quote: UInt8, _ json: inout [UInt8]) -> JSONValueScanner.Step {
        state = .string(quote: quote)
        var meant: [UInt8] = []
        switch byte {
        case UInt8(ascii: "n"): meant = [0x0A]
        case UInt8(ascii: "t"): meant = [0x09]
        case UInt8(ascii: "r"): meant = [0x0D]
        case UInt8(ascii: "b"): meant = [0x08]
        case UInt8(ascii: "f"): meant = [0x0C]
        case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "/"): meant = [byte]
        case UInt8(ascii: "x"): state = .codePoint(quote: quote, left: 2, value: 0)
        case UInt8(ascii: "u"): state = .codePoint(quote: quote, left: 4, value: 0)
        case UInt8(ascii: "U"): state = .codePoint(quote: quote, left: 8, value: 0)
        case 0x0A: break
        case ControlFrame.opening, ControlFrame.closing: return .invalid
        // Python keeps the backslash of what is no escape.
        default: meant = [UInt8(ascii: "\\"), byte]
        }
        JSONWriter.append(escaped: meant, to: &json)
        return .more
    }

    /// A code point that was written in hexadecimal; halves of pairs stay escapes, as they are in JSON.
    private func codePoint(_ value: UInt32, _ json: inout [UInt8]) -> JSONValueScanner.Step {
        if let scalar = Unicode.Scalar(value) {
            JSONWriter.append(escaped: Array(String(scalar).utf8), to: &json)
        } else if value <= 0xFFFF {
            json += Array("\\u\(String(value, radix: 16))".utf8)
        } else {
            return .invalid
        }
        return .more
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    private static func literal(_ word: [UInt8]) -> [UInt8]? {
        switch String(decoding: word, as: UTF8.self) {
        case "True", "true": return Array("true".utf8)
        case "False", "false": return Array("false".utf8)
        case "None", "null": return Array("null".utf8)
        default: return (try? JSONParser.parse(word)) == nil ? nil : word
        }
    }
}
