// Prints Sources/Text/Tokenization/PreTokenization/CharacterClassRanges.swift; run with `swift make-classes.swift`.

func characterClass(_ scalar: Unicode.Scalar) -> UInt32 {
    let properties = scalar.properties
    guard let age = properties.age, age.major <= 15 else { return 0 }
    let white: UInt32 = properties.isWhitespace ? 4 : 0
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return white | 1
    case .decimalNumber, .letterNumber, .otherNumber: return white | 2
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
        .finalPunctuation, .otherPunctuation:
        return white | 8
    case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: return white | 16
    case .nonspacingMark, .spacingMark, .enclosingMark: return white | 32
    default: return white
    }
}

print(
    """
    extension CharacterClassTable {
        /// Where the class of code points changes, in order: the first code point times 256, plus its class.
        ///
        /// Unicode 15.1; made by `Tests/Fixtures/tokenization/make-classes.swift`.
        static let ranges: [UInt32] = [
    """
)
var line = "       "
var last: UInt32 = 0
for code: UInt32 in 0..<0x11_0000 {
    let now = Unicode.Scalar(code).map(characterClass) ?? 0
    if now == last { continue }
    last = now
    let digits = String(code << 8 | now, radix: 16, uppercase: true)
    let entry = " 0x" + (digits.count > 4 ? "\(digits.dropLast(4))_\(digits.suffix(4))," : "\(digits),")
    if line.count + entry.count > 119 {
        print(line)
        line = "       "
    }
    line += entry
}
print(line)
print("    ]\n}")
