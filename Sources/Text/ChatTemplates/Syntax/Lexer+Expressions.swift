extension Lexer {
    /// The tokens between `{{` or `{%` and its end.
    mutating func expression(isBlock: Bool) throws(Failure) {
        brackets = []
        while offset < source.count {
            if brackets.isEmpty,
                let end = isBlock
                    ? closing("%}", at: offset, trims: true) : closing("}}", at: offset, trims: false)
            {
                add(isBlock ? .blockEnd : .variableEnd, at: offset)
                offset = end
                return
            }
            let next = Whitespace.end(in: source, from: offset)
            if next > offset {
                offset = next
                continue
            }
            try piece()
        }
    }

    private mutating func piece() throws(Failure) {
        let start = offset
        let byte = source[start]
        if isDigit(byte) {
            try number()
        } else if isNamePart(at: start) > 0 {
            try name()
        } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
            try string(quote: byte)
        } else {
            try symbol()
        }
    }

    func isDigit(_ byte: UInt8?) -> Bool {
        guard let byte else { return false }
        return byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    /// How many bytes of a name's code point are here; 0 when it can't be in a name.
    private func isNamePart(at index: Int) -> Int {
        guard index < source.count else { return 0 }
        switch source[index] {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            return 1
        case 0x80...:
            let (value, length) = UTF8Text.scalar(in: source, at: index)
            return Unicode.Scalar(value)?.properties.isXIDContinue == true ? length : 0
        default: return 0
        }
    }

    /// Longest name, in bytes, so that names can be looked up and shown without counting.
    private static let longestName = 255

    private mutating func name() throws(Failure) {
        let start = offset
        var end = start
        while case let length = isNamePart(at: end), length > 0 { end += length }
        let first = Unicode.Scalar(UTF8Text.scalar(in: source, at: start).value)
        guard first == "_" || first?.properties.isXIDStart == true else {
            throw Failure(message: "Invalid character in identifier", offset: start)
        }
        guard end - start <= Self.longestName else {
            let message = "a name of \(end - start) bytes; the limit is \(Self.longestName)"
            throw Failure(message: message, offset: start)
        }
        add(.name(String(decoding: source[start..<end], as: UTF8.self)), at: start)
        offset = end
    }

    /// The end of digits that single underscores may separate; `start` itself when there are none.
    private func digits(from start: Int, _ isDigit: (UInt8) -> Bool) -> Int {
        var end = start
        while let byte = byte(end) {
            if isDigit(byte) {
                end += 1
            } else if byte == UInt8(ascii: "_"), end > start, let next = self.byte(end + 1), isDigit(next) {
                end += 2
            } else {
                break
            }
        }
        return end
    }

    private mutating func number() throws(Failure) {
        let start = offset
        if source[start] == UInt8(ascii: "0"), try prefixedInteger() { return }
        let decimal: (UInt8) -> Bool = { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        var end = digits(from: start, decimal)
        var isFloat = false
        // After a dot as in `a.0.1` a number is an index, never a float.
        if start == 0 || source[start - 1] != UInt8(ascii: ".") {
            if byte(end) == UInt8(ascii: "."), isDigit(byte(end + 1)) {
                end = digits(from: end + 1, decimal)
                isFloat = true
            }
            if let letter = byte(end), letter | 0x20 == UInt8(ascii: "e") {
                let sign = byte(end + 1)
                let exponent = end + (sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") ? 2 : 1)
                if isDigit(byte(exponent)) {
                    end = digits(from: exponent, decimal)
                    isFloat = true
                }
            }
        }
        let text = String(decoding: source[start..<end].filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
        if isFloat {
            add(.float(Double(text) ?? .infinity), at: start)
        } else {
            // A decimal integer doesn't start with 0: `007` is three integers.
            if source[start] == UInt8(ascii: "0") {
                end = digits(from: start) { $0 == UInt8(ascii: "0") }
                add(.integer(0), at: start)
            } else if let value = Int(text) {
                add(.integer(value), at: start)
            } else {
                throw Failure(message: "integer \(text.prefix(30)) doesn't fit 64 bits", offset: start)
            }
        }
        offset = end
    }

    /// Reads `0b…`, `0o…` or `0x…`.
    private mutating func prefixedInteger() throws(Failure) -> Bool {
        let start = offset
        guard let letter = byte(start + 1) else { return false }
        let radix: Int
        switch letter | 0x20 {
        case UInt8(ascii: "b"): radix = 2
        case UInt8(ascii: "o"): radix = 8
        case UInt8(ascii: "x"): radix = 16
        default: return false
        }
        let isDigit: (UInt8) -> Bool = { byte in
            Character(Unicode.Scalar(byte)).hexDigitValue.map { $0 < radix } ?? false
        }
        var first = start + 2
        if byte(first) == UInt8(ascii: "_") { first += 1 }
        let end = digits(from: first, isDigit)
        guard end > first else { return false }
        let text = String(decoding: source[first..<end].filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
        guard let value = Int(text, radix: radix) else {
            throw Failure(message: "integer \(text.prefix(30)) doesn't fit 64 bits", offset: start)
        }
        add(.integer(value), at: start)
        offset = end
        return true
    }

    private mutating func symbol() throws(Failure) {
        let start = offset
        for length in [2, 1] where start + length <= source.count {
            let text = String(decoding: source[start..<start + length], as: UTF8.self)
            guard let symbol = Symbol(rawValue: text) else { continue }
            switch symbol {
            case .leftBrace: brackets.append(.rightBrace)
            case .leftParenthesis: brackets.append(.rightParenthesis)
            case .leftBracket: brackets.append(.rightBracket)
            case .rightBrace, .rightParenthesis, .rightBracket:
                guard let expected = brackets.popLast() else {
                    throw Failure(message: "unexpected '\(text)'", offset: start)
                }
                guard expected == symbol else {
                    throw Failure(message: "unexpected '\(text)', expected '\(expected.rawValue)'", offset: start)
                }
            default: break
            }
            add(.symbol(symbol), at: start)
            offset = start + length
            return
        }
        throw unexpectedCharacter(at: start)
    }

    func unexpectedCharacter(at index: Int) -> Failure {
        let character = Representation.quoted(UTF8Text.bytes([UTF8Text.scalar(in: source, at: index).value]))
        let position = UTF8Text.count(source[..<index])
        return Failure(
            message: "unexpected char \(String(decoding: character, as: UTF8.self)) at \(position)",
            offset: index
        )
    }
}
