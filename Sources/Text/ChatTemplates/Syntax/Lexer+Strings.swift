extension Lexer {
    /// Reads a string literal, with the escapes of Python's `unicode-escape`.
    mutating func string(quote: UInt8) throws(Failure) {
        let start = offset
        var end = start + 1
        while let byte = byte(end), byte != quote { end += byte == UInt8(ascii: "\\") ? 2 : 1 }
        guard end < source.count else { throw unexpectedCharacter(at: start) }
        let content = source[start + 1..<end]
        if content.contains(UInt8(ascii: "\\")) {
            add(.string(try unescaped(Array(content), at: start)), at: start)
        } else {
            add(.string(Array(content)), at: start)
        }
        offset = end + 1
    }

    private func unescaped(_ content: [UInt8], at start: Int) throws(Failure) -> [UInt8] {
        var text: [UInt8] = []
        var index = 0
        while index < content.count {
            guard content[index] == UInt8(ascii: "\\"), index + 1 < content.count else {
                text.append(content[index])
                index += 1
                continue
            }
            let letter = content[index + 1]
            index += 2
            switch letter {
            case 0x0A: break
            case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): text.append(letter)
            case UInt8(ascii: "a"): text.append(0x07)
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "v"): text.append(0x0B)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "0")...UInt8(ascii: "7"):
                let digits = content[(index - 1)...].prefix(3).prefix {
                    $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "7")
                }
                UTF8Text.append(digits.reduce(0) { $0 * 8 + UInt32($1 - UInt8(ascii: "0")) }, to: &text)
                index += digits.count - 1
            case UInt8(ascii: "x"), UInt8(ascii: "u"), UInt8(ascii: "U"):
                let count = letter == UInt8(ascii: "x") ? 2 : letter == UInt8(ascii: "u") ? 4 : 8
                let digits = String(decoding: content[index...].prefix(count), as: UTF8.self)
                guard digits.utf8.count == count, digits.allSatisfy(\.isHexDigit),
                    let value = UInt32(digits, radix: 16),
                    UTF8Text.append(value, to: &text)
                else { throw Failure(message: "illegal \\\(Unicode.Scalar(letter)) escape in a string", offset: start) }
                index += count
            case UInt8(ascii: "N"):
                throw Failure(message: "\\N escapes aren't supported: write \\u and the code point", offset: start)
            default: text.append(contentsOf: [UInt8(ascii: "\\"), letter])
            }
        }
        return text
    }
}
