/// The named sets of regular expressions.
enum ExpressionSets {
    static let whitespace = CodePointRanges([
        0x09..<0x0E, 0x20..<0x21, 0x85..<0x86, 0xA0..<0xA1, 0x1680..<0x1681, 0x2000..<0x200B, 0x2028..<0x202A,
        0x202F..<0x2030, 0x205F..<0x2060, 0x3000..<0x3001,
    ])
    static let digit = CodePointRanges(categories: { $0 == .decimalNumber })
    static let hexDigit = CodePointRanges([0x30..<0x3A, 0x41..<0x47, 0x61..<0x67])
    static let letter = CodePointRanges(categories: { $0.isLetter })
    static let mark = CodePointRanges(categories: { $0.isMark })
    static let number = CodePointRanges(categories: { $0.isNumber })
    static let punctuation = CodePointRanges(categories: { $0.isPunctuation })
    static let symbol = CodePointRanges(categories: { $0.isSymbol })
    /// Letters, letter-like numbers, marks and circled letters.
    static let alphabetic = CodePointRanges(categories: { $0.isLetter || $0 == .letterNumber }).union(mark)
        .union(CodePointRanges([0x24B6..<0x24EA, 0x1F130..<0x1F14A, 0x1F150..<0x1F16A, 0x1F170..<0x1F18A]))
    static let underscore = CodePointRanges(categories: { $0 == .connectorPunctuation })
    /// Words as Oniguruma has them: with six numbers of Latin-1 that it takes for letters.
    private static let onigurumaWord = rustWord.subtracting(CodePointRanges([0x200C..<0x200E]))
        .union(CodePointRanges([0xB2..<0xB4, 0xB9..<0xBA, 0xBC..<0xBF]))
    /// Words as Rust's expressions have them (UTS #18): with the joiners.
    static let rustWord = alphabetic.union(digit).union(underscore).union(CodePointRanges([0x200C..<0x200E]))

    static func word(_ dialect: ExpressionParser.Dialect) -> CodePointRanges {
        dialect == .oniguruma ? onigurumaWord : rustWord
    }

    static let posix: [(String, CodePointRanges)] = [
        ("alpha", alphabetic), ("digit", digit), ("space", whitespace), ("punct", punctuation.union(symbol)),
        ("upper", CodePointRanges(categories: { $0 == .uppercaseLetter })),
        ("lower", CodePointRanges(categories: { $0 == .lowercaseLetter })),
        ("alnum", alphabetic.union(digit)), ("word", onigurumaWord), ("xdigit", hexDigit),
    ]

    /// A general category by its short or long name, or a script; upper and lower case, spaces and underscores don't
    /// matter.
    static func property(_ name: String) -> CodePointRanges? {
        var key = name.lowercased().filter { !" _-".contains($0) }
        for prefix in ["script=", "sc=", "generalcategory=", "gc="] where key.hasPrefix(prefix) {
            key.removeFirst(prefix.count)
        }
        if let index = UnicodeScript.allCases.firstIndex(where: { $0.rawValue == key }) {
            return UnicodeScript.sets[index]
        }
        if let index = GeneralCategory.names.firstIndex(where: { $0.lowercased() == key }) {
            return CodePointRanges(categories: { Int($0.rawValue) == index })
        }
        switch key {
        case "l", "letter": return letter
        case "lc": return CodePointRanges(categories: { (0x5...0x7).contains($0.rawValue) })
        case "m", "mark": return mark
        case "n", "number": return number
        case "p", "punctuation", "punct": return punctuation
        case "s", "symbol": return symbol
        case "z", "separator":
            return CodePointRanges(categories: { $0.rawValue >= GeneralCategory.spaceSeparator.rawValue })
        case "c", "other": return CodePointRanges(categories: { $0.rawValue <= GeneralCategory.surrogate.rawValue })
        case "space", "whitespace": return whitespace
        case "alphabetic", "alpha": return alphabetic
        case "any": return CodePointRanges().complement
        default: return nil
        }
    }

    /// A set with the other cases of its members: simple case folding, which adds U+017F to "s" and U+212A to "k".
    static func ignoringCase(_ set: CodePointRanges) -> CodePointRanges {
        let others = cases.filter { $0.contains(where: set.contains) }
        return CodePointRanges(set.ranges + others.joined().map { $0..<$0 + 1 })
    }

    /// The letters that are one another's cases, of ASCII; beyond it published expressions ignore no case.
    private static let cases: [[UInt32]] = (UInt32(0x41)...0x5A).map { letter in
        switch letter {
        case 0x4B: [letter, letter + 0x20, 0x212A]
        case 0x53: [letter, letter + 0x20, 0x17F]
        default: [letter, letter + 0x20]
        }
    }
}

extension GeneralCategory {
    var isLetter: Bool { (Self.uppercaseLetter.rawValue...Self.otherLetter.rawValue).contains(rawValue) }
    var isMark: Bool { (Self.nonspacingMark.rawValue...Self.enclosingMark.rawValue).contains(rawValue) }
    var isNumber: Bool { (Self.decimalNumber.rawValue...Self.otherNumber.rawValue).contains(rawValue) }
    var isPunctuation: Bool {
        (Self.connectorPunctuation.rawValue...Self.otherPunctuation.rawValue).contains(rawValue)
    }
    var isSymbol: Bool { (Self.mathSymbol.rawValue...Self.otherSymbol.rawValue).contains(rawValue) }
}
