/// Upper, lower and title case as Python's `str` has them.
enum LetterCase {
    static func upper(_ text: [UInt8]) -> [UInt8] {
        if text.allSatisfy({ $0 < 0x80 }) {
            return text.map { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") ? $0 - 0x20 : $0 }
        }
        return mapped(text) { scalar, _ in scalar.properties.uppercaseMapping }
    }

    static func lower(_ text: [UInt8]) -> [UInt8] {
        if text.allSatisfy({ $0 < 0x80 }) { return text.map(lowerASCII) }
        let scalars = UTF8Text.scalars(text)
        return mapped(text) { scalar, index in lower(scalar, at: index, of: scalars) }
    }

    private static func lowerASCII(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte + 0x20 : byte
    }

    private static func lower(_ scalar: Unicode.Scalar, at index: Int, of scalars: [UInt32]) -> String {
        if scalar == "\u{3A3}" { return isFinal(index, scalars) ? "\u{3C2}" : "\u{3C3}" }
        return scalar.properties.lowercaseMapping
    }

    /// Whether a capital sigma ends a word.
    private static func isFinal(_ index: Int, _ scalars: [UInt32]) -> Bool {
        func isCased(_ value: UInt32) -> Bool { Unicode.Scalar(value)?.properties.isCased == true }
        func isIgnorable(_ value: UInt32) -> Bool { Unicode.Scalar(value)?.properties.isCaseIgnorable == true }
        let before = scalars[..<index].last { !isIgnorable($0) }
        let after = scalars[(index + 1)...].first { !isIgnorable($0) }
        return before.map(isCased) == true && after.map(isCased) != true
    }

    /// The first letter in title case, the others in lower case.
    static func capitalized(_ text: [UInt8]) -> [UInt8] {
        let scalars = UTF8Text.scalars(text)
        return mapped(text) { scalar, index in
            index == 0 ? scalar.properties.titlecaseMapping : lower(scalar, at: index, of: scalars)
        }
    }

    /// The first letter of each run of letters in title case, the others in lower case.
    static func titled(_ text: [UInt8]) -> [UInt8] {
        let scalars = UTF8Text.scalars(text)
        var isInWord = false
        return mapped(text) { scalar, index in
            defer { isInWord = scalar.properties.isCased }
            return isInWord ? lower(scalar, at: index, of: scalars) : scalar.properties.titlecaseMapping
        }
    }

    static func swapped(_ text: [UInt8]) -> [UInt8] {
        let scalars = UTF8Text.scalars(text)
        return mapped(text) { scalar, index in
            if scalar.properties.isUppercase { return lower(scalar, at: index, of: scalars) }
            return scalar.properties.isLowercase ? scalar.properties.uppercaseMapping : String(Character(scalar))
        }
    }

    /// Lower case for comparing without case.
    static func folded(_ text: [UInt8]) -> [UInt8] {
        mapped(text) { scalar, _ in
            switch scalar {
            case "\u{DF}": "ss"
            case "\u{1E9E}": "ss"
            case "\u{3C2}": "\u{3C3}"
            case "\u{17F}": "s"
            default: scalar.properties.lowercaseMapping
            }
        }
    }

    private static func mapped(_ text: [UInt8], _ map: (Unicode.Scalar, Int) -> String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        for (index, value) in UTF8Text.scalars(text).enumerated() {
            guard let scalar = Unicode.Scalar(value) else { continue }
            bytes.append(contentsOf: map(scalar, index).utf8)
        }
        return bytes
    }
}
