/// Appends compact JSON to a byte buffer: no spaces, non-ASCII text as UTF-8.
///
/// Hot paths call the static members one by one on a reused buffer instead of building a tree.
public enum JSONWriter {
    /// Appends a whole value.
    ///
    /// - Parameter isSpaced: Whether a space stands behind each comma and colon, as Python writes JSON.
    public static func append(_ value: JSONValue, to bytes: inout [UInt8], isSpaced: Bool = false) {
        switch value {
        case .null: append(literal: "null", to: &bytes)
        case .bool(let flag): append(literal: flag ? "true" : "false", to: &bytes)
        case .integer(let value): append(integer: value, to: &bytes)
        case .number(let value): append(number: value, to: &bytes)
        case .string(let text): append(string: text, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { append(literal: isSpaced ? ", " : ",", to: &bytes) }
                append(element, to: &bytes, isSpaced: isSpaced)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { append(literal: isSpaced ? ", " : ",", to: &bytes) }
                append(string: member.key, to: &bytes)
                append(literal: isSpaced ? ": " : ":", to: &bytes)
                append(member.value, to: &bytes, isSpaced: isSpaced)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// Appends text as it is, without quotes: punctuation and fixed keys.
    public static func append(literal text: StaticString, to bytes: inout [UInt8]) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// Appends a decimal integer.
    public static func append(integer value: Int, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: String(value).utf8)
    }

    /// Appends the shortest decimal that reads back as the same `Double`; JSON has no NaN or infinity: those become `null`.
    public static func append(number value: Double, to bytes: inout [UInt8]) {
        if value.isFinite {
            bytes.append(contentsOf: value.description.utf8)
        } else {
            append(literal: "null", to: &bytes)
        }
    }

    /// Appends a string with its quotes, escaping what JSON requires.
    public static func append(string text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        append(escaped: text.utf8, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends part of a string, UTF-8 cut anywhere, without quotes, escaping what JSON requires.
    @inlinable
    public static func append(escaped text: some Sequence<UInt8>, to bytes: inout [UInt8]) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""): append(literal: "\\\"", to: &bytes)
            case UInt8(ascii: "\\"): append(literal: "\\\\", to: &bytes)
            case 0x0A: append(literal: "\\n", to: &bytes)
            case 0x0D: append(literal: "\\r", to: &bytes)
            case 0x09: append(literal: "\\t", to: &bytes)
            case 0x08: append(literal: "\\b", to: &bytes)
            case 0x0C: append(literal: "\\f", to: &bytes)
            case 0..<0x20:
                append(literal: "\\u00", to: &bytes)
                bytes.append(hexadecimalDigit(byte >> 4))
                bytes.append(hexadecimalDigit(byte & 15))
            default: bytes.append(byte)
            }
        }
    }

    @usableFromInline
    static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

extension JSONValue {
    /// The value as compact UTF-8 JSON.
    public var serialized: [UInt8] {
        var bytes: [UInt8] = []
        JSONWriter.append(self, to: &bytes)
        return bytes
    }

    /// The value as compact JSON text.
    public var serializedText: String { String(decoding: serialized, as: UTF8.self) }

    /// The value as JSON text with a space behind each comma and colon, as Python writes it and models have learned it.
    public var spacedText: String {
        var bytes: [UInt8] = []
        JSONWriter.append(self, to: &bytes, isSpaced: true)
        return String(decoding: bytes, as: UTF8.self)
    }
}
