/// Unicode's general category of a code point, in the order of the packed table.
///
/// The data is of Unicode 16.0, not the toolchain's: ids mustn't change with the compiler.
enum GeneralCategory: UInt8, CaseIterable, Sendable {
    case unassigned, control, format, privateUse, surrogate
    case uppercaseLetter, lowercaseLetter, titlecaseLetter, modifierLetter, otherLetter
    case nonspacingMark, spacingMark, enclosingMark
    case decimalNumber, letterNumber, otherNumber
    case connectorPunctuation, dashPunctuation, openPunctuation, closePunctuation
    case initialPunctuation, finalPunctuation, otherPunctuation
    case mathSymbol, currencySymbol, modifierSymbol, otherSymbol
    case spaceSeparator, lineSeparator, paragraphSeparator

    /// The short names, as in `\p{Lu}`.
    static let names = [
        "Cn", "Cc", "Cf", "Co", "Cs", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No",
        "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp",
    ]

    /// Runs of code points of one category, in order and without gaps.
    static let runs: [(range: Range<UInt32>, category: GeneralCategory)] = {
        var numbers = PackedNumbers(packed)
        var runs: [(range: Range<UInt32>, category: GeneralCategory)] = []
        var from: UInt32 = 0
        while !numbers.isAtEnd {
            let category = GeneralCategory(rawValue: UInt8(truncatingIfNeeded: numbers.next())) ?? .unassigned
            let to = from + numbers.next()
            runs.append((from..<to, category))
            from = to
        }
        return runs
    }()

    /// Which version of Unicode gave a code point its meaning.
    enum Era: UInt8, Sendable {
        /// 8.0 or before, or none.
        case old
        /// 9.0.
        case ninth
        /// From 10.0 to 15.1.
        case recent
        /// 16.0.
        case sixteenth
    }

    /// Runs of code points of one era, in order and without gaps.
    static let eras: [(range: Range<UInt32>, era: Era)] = {
        var numbers = PackedNumbers(packedEras)
        var runs: [(range: Range<UInt32>, era: Era)] = []
        var from: UInt32 = 0
        while !numbers.isAtEnd {
            let era = Era(rawValue: UInt8(truncatingIfNeeded: numbers.next())) ?? .old
            let to = from + numbers.next()
            runs.append((from..<to, era))
            from = to
        }
        return runs
    }()
}
