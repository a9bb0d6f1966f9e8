import Testing
import Tokenization

@Suite struct CharacterClassTests {
    /// Categories of assigned code points hardly ever change, so the toolchain's newer data must agree.
    @Test func classesAreUnicodesUpToVersion15() {
        var differing: [UInt32] = []
        for code: UInt32 in 0..<0x11_0000 {
            let found = CharacterClassTable.shared[code]
            guard let scalar = Unicode.Scalar(code), let age = scalar.properties.age, age.major <= 15 else {
                if found != [] { differing.append(code) }
                continue
            }
            if found != Self.expected(scalar) { differing.append(code) }
        }
        #expect(differing == [])
        #expect(CharacterClassTable.shared[.max] == [])
    }

    private static func expected(_ scalar: Unicode.Scalar) -> CharacterClass {
        let white: CharacterClass = scalar.properties.isWhitespace ? .whitespace : []
        return switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: white.union(.letter)
        case .decimalNumber, .letterNumber, .otherNumber: white.union(.number)
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            white.union(.punctuation)
        case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: white.union(.symbol)
        case .nonspacingMark, .spacingMark, .enclosingMark: white.union(.mark)
        default: white
        }
    }
}
