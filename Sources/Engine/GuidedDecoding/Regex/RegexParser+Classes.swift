extension RegexParser {
    /// What an escape outside of a class stands for.
    mutating func escape() throws(GrammarError) -> RegexSyntax {
        switch peek() {
        case "b"?, "B"?:
            throw error("a word boundary, which isn't supported,", .unsupported)
        case "A"?:
            position += 1
            return .start
        case "Z"?, "z"?:
            position += 1
            return .end
        case let digit? where ("1"..."9").contains(digit):
            throw error("a back-reference, which isn't supported,", .unsupported)
        case "k"? where peek(1) == "<":
            throw error("a back-reference, which isn't supported,", .unsupported)
        default: return .characters(try escapedSet())
        }
    }

    /// The characters that an escape stands for.
    private mutating func escapedSet() throws(GrammarError) -> ScalarSet {
        guard let scalar = peek() else { throw error("a \"\\\" at its end") }
        position += 1
        switch scalar {
        case "d": return CharacterClasses.digits
        case "D": return CharacterClasses.digits.inverted
        case "w": return CharacterClasses.words
        case "W": return CharacterClasses.words.inverted
        case "s": return CharacterClasses.spaces
        case "S": return CharacterClasses.spaces.inverted
        case "p", "P": return try property(isNegative: scalar == "P")
        case "n": return ScalarSet("\n")
        case "r": return ScalarSet("\r")
        case "t": return ScalarSet("\t")
        case "f": return ScalarSet("\u{C}")
        case "v": return ScalarSet("\u{B}")
        case "0": return ScalarSet("\0")
        case "a" where !isLetter(peek()): return ScalarSet("\u{7}")
        case "e" where !isLetter(peek()): return ScalarSet("\u{1B}")
        case "x": return ScalarSet(try hexadecimal(2))
        case "u": return ScalarSet(try unicodeEscape())
        case "c":
            guard let letter = peek(), isLetter(letter) else { throw error("\"\\c\" without a letter") }
            position += 1
            return ScalarSet(Unicode.Scalar(UInt8(letter.value & 31)))
        default:
            if ("0"..."9").contains(scalar) {
                throw error("a back-reference, which isn't supported,", .unsupported)
            }
            return ScalarSet(scalar)
        }
    }

    private func isLetter(_ scalar: Unicode.Scalar?) -> Bool {
        guard let scalar else { return false }
        return ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }

    private mutating func hexadecimal(_ digits: Int) throws(GrammarError) -> Unicode.Scalar {
        guard let value = try hexadecimalValue(digits), let scalar = Unicode.Scalar(value) else {
            throw error("an escape of a character that doesn't exist")
        }
        return scalar
    }

    private mutating func hexadecimalValue(_ digits: Int) throws(GrammarError) -> UInt32? {
        guard position + digits <= scalars.count else { throw error("an escape without its digits") }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[position..<position + digits])
        guard text.allSatisfy(\.properties.isASCIIHexDigit) else { throw error("an escape without its digits") }
        position += digits
        return UInt32(String(text), radix: 16)
    }

    private mutating func unicodeEscape() throws(GrammarError) -> Unicode.Scalar {
        if take("{") {
            var count = 0
            while let next = peek(count), next != "}" { count += 1 }
            guard (1...8).contains(count), let value = try hexadecimalValue(count), take("}"),
                let scalar = Unicode.Scalar(value)
            else { throw error("an escape of a character that doesn't exist") }
            return scalar
        }
        guard let high = try hexadecimalValue(4) else { throw error("an escape without its digits") }
        if let scalar = Unicode.Scalar(high) { return scalar }
        // Two halves of a pair.
        if (0xD800...0xDBFF).contains(high), take("\\u"), let low = try hexadecimalValue(4),
            (0xDC00...0xDFFF).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        {
            return scalar
        }
        throw error("half of a surrogate pair", .unsupported)
    }

    private mutating func property(isNegative: Bool) throws(GrammarError) -> ScalarSet {
        var name = ""
        if take("{") {
            while let next = peek(), next != "}" {
                name.unicodeScalars.append(next)
                position += 1
            }
            guard take("}") else { throw error("a property without an end") }
        } else if let next = peek() {
            name.unicodeScalars.append(next)
            position += 1
        }
        try count(steps: 20)
        guard let set = CharacterClasses.property(name) else {
            throw error("the property \"\(name)\", which isn't supported,", .unsupported)
        }
        return isNegative ? set.inverted : set
    }

    /// The characters of a class, behind its bracket.
    mutating func characterClass(ignoresCase: Bool) throws(GrammarError) -> ScalarSet {
        let isNegative = take("^")
        var ranges: [ClosedRange<UInt32>] = []
        while true {
            guard let next = peek() else { throw error("a \"[\" without a \"]\"") }
            if take("]") { break }
            // The same classes again and again take no more memory than once.
            if ranges.count > 1 << 13 {
                try count(steps: ranges.count)
                ranges = ScalarSet(ranges).ranges
            }
            if next == "[", peek(1) == ":" {
                throw error("a POSIX class, which isn't supported,", .unsupported)
            }
            let low = try classAtom()
            guard peek() == "-", let behind = peek(1), behind != "]", let first = low.onlyScalar else {
                ranges.append(contentsOf: low.ranges)
                continue
            }
            position += 1
            let high = try classAtom()
            if let last = high.onlyScalar {
                guard first <= last else { throw error("a range of characters that is out of order") }
                ranges.append(first...last)
            } else {
                // As in `[a-\d]`, where the hyphen stands for itself.
                ranges.append(contentsOf: low.ranges + high.ranges + [45...45])
            }
        }
        try count(steps: ranges.count)
        var set = ScalarSet(ranges)
        if ignoresCase {
            try count(steps: set.caseSteps)
            set = set.ignoringCase
        }
        return isNegative ? set.inverted : set
    }

    private mutating func classAtom() throws(GrammarError) -> ScalarSet {
        guard let scalar = peek() else { throw error("a \"[\" without a \"]\"") }
        position += 1
        guard scalar == "\\" else { return ScalarSet(scalar) }
        if take("b") { return ScalarSet("\u{8}") }
        return try escapedSet()
    }
}

extension ScalarSet {
    /// The scalar of a set that has exactly one.
    fileprivate var onlyScalar: UInt32? {
        ranges.count == 1 && ranges[0].count == 1 ? ranges[0].lowerBound : nil
    }
}
