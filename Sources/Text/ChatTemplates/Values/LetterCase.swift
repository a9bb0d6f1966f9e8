/// Upper, lower and title case as Python's `str` has them.
enum LetterCase {
    static func upper(_ text: [UInt8], _ interpreter: Interpreter) throws(TemplateError) -> [UInt8] {
        if text.allSatisfy({ $0 < 0x80 }) {
            return text.map { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") ? $0 - 0x20 : $0 }
        }
        return try mapped(text, interpreter) { scalar, _ in scalar.properties.uppercaseMapping }
    }

    static func lower(_ text: [UInt8], _ interpreter: Interpreter) throws(TemplateError) -> [UInt8] {
        if text.allSatisfy({ $0 < 0x80 }) { return text.map(lowerASCII) }
        return try mapped(text, interpreter) { scalar, place in lower(scalar, at: place, of: text) }
    }

    private static func lowerASCII(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte + 0x20 : byte
    }

    private static func lower(_ scalar: Unicode.Scalar, at place: Range<Int>, of text: [UInt8]) -> String {
        if scalar == "\u{3A3}" { return isFinal(place, text) ? "\u{3C2}" : "\u{3C3}" }
        return scalar.properties.lowercaseMapping
    }

    /// Whether a capital sigma ends a word: letters before it and none behind, but for what case ignores.
    private static func isFinal(_ place: Range<Int>, _ text: [UInt8]) -> Bool {
        func properties(_ index: Int) -> Unicode.Scalar.Properties? {
            Unicode.Scalar(UTF8Text.scalar(in: text, at: index).value)?.properties
        }
        var before = place.lowerBound
        var isBehindLetter = false
        while before > 0 {
            before = UTF8Text.start(in: text, before: before)
            guard properties(before)?.isCaseIgnorable == true else {
                isBehindLetter = properties(before)?.isCased == true
                break
            }
        }
        guard isBehindLetter else { return false }
        var after = place.upperBound
        while after < text.count, properties(after)?.isCaseIgnorable == true {
            after += UTF8Text.scalar(in: text, at: after).length
        }
        return after >= text.count || properties(after)?.isCased != true
    }

    /// The first letter in title case, the others in lower case.
    static func capitalized(_ text: [UInt8], _ interpreter: Interpreter) throws(TemplateError) -> [UInt8] {
        try mapped(text, interpreter) { scalar, place in
            place.lowerBound == 0 ? scalar.properties.titlecaseMapping : lower(scalar, at: place, of: text)
        }
    }

    /// The first letter of each run of letters in title case, the others in lower case.
    static func titled(_ text: [UInt8], _ interpreter: Interpreter) throws(TemplateError) -> [UInt8] {
        var isInWord = false
        return try mapped(text, interpreter) { scalar, place in
            defer { isInWord = scalar.properties.isCased }
            return isInWord ? lower(scalar, at: place, of: text) : scalar.properties.titlecaseMapping
        }
    }

    static func swapped(_ text: [UInt8], _ interpreter: Interpreter) throws(TemplateError) -> [UInt8] {
        try mapped(text, interpreter) { scalar, place in
            if scalar.properties.isUppercase { return lower(scalar, at: place, of: text) }
            return scalar.properties.isLowercase ? scalar.properties.uppercaseMapping : String(Character(scalar))
        }
    }

    /// Lower case for comparing without case.
    static func folded(_ text: [UInt8], _ interpreter: Interpreter) throws(TemplateError) -> [UInt8] {
        try mapped(text, interpreter) { scalar, _ in
            switch scalar {
            case "\u{DF}": "ss"
            case "\u{1E9E}": "ss"
            case "\u{3C2}": "\u{3C3}"
            case "\u{17F}": "s"
            default: scalar.properties.lowercaseMapping
            }
        }
    }

    /// The text with each code point replaced; the map is told where it is.
    private static func mapped(
        _ text: [UInt8],
        _ interpreter: Interpreter,
        _ map: (Unicode.Scalar, Range<Int>) -> String
    ) throws(TemplateError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            try interpreter.charge(1)
            let (value, length) = UTF8Text.scalar(in: text, at: index)
            if let scalar = Unicode.Scalar(value) {
                bytes.append(contentsOf: map(scalar, index..<index + length).utf8)
            }
            index += length
        }
        return bytes
    }
}
