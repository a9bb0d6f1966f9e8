/// The Unicode categories that pre-tokenizers ask for, as a set, with white space apart.
struct CharacterClass: OptionSet, Sendable {
    let rawValue: UInt8
    static let letter = CharacterClass(rawValue: 1)
    static let number = CharacterClass(rawValue: 2)
    static let whitespace = CharacterClass(rawValue: 4)
    static let punctuation = CharacterClass(rawValue: 8)
    static let symbol = CharacterClass(rawValue: 16)
    static let mark = CharacterClass(rawValue: 32)

    static let letterOrNumber: CharacterClass = [.letter, .number]

    @inline(__always)
    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The class of a code point, by Unicode's general category and White_Space property.
    ///
    /// Code points assigned after Unicode 15 count as unassigned: the vocabularies were learned with such tables, and
    /// results mustn't change with the toolchain's Unicode version.
    init(_ scalar: Unicode.Scalar) {
        let properties = scalar.properties
        if (properties.age?.major ?? 0) > 15 {
            self = []
            return
        }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: self = .letter
        case .decimalNumber, .letterNumber, .otherNumber: self = .number
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            self = .punctuation
        case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: self = .symbol
        case .nonspacingMark, .spacingMark, .enclosingMark: self = .mark
        default: self = []
        }
        if properties.isWhitespace { insert(.whitespace) }
    }
}

/// The classes of all code points in blocks of 256, equal blocks stored once; made at first use.
struct CharacterClassTable: Sendable {
    static let shared = CharacterClassTable()

    private var blocks: [UInt8] = []
    private var classes: [CharacterClass] = []

    private init() {
        var known: [[UInt8]: UInt8] = [:]
        for block in 0..<0x1100 {
            // Planes 4 to 13 and 15 onwards hold no letters, numbers, marks or signs.
            let isPlain = (0x400..<0xE00).contains(block) || block >= 0xF00
            let values = (0..<256).map { offset -> UInt8 in
                if isPlain { return 0 }
                return Unicode.Scalar(UInt32(block << 8 | offset)).map { CharacterClass($0).rawValue } ?? 0
            }
            if let index = known[values] {
                blocks.append(index)
                continue
            }
            let index = UInt8(known.count)
            known[values] = index
            blocks.append(index)
            classes.append(contentsOf: values.map(CharacterClass.init(rawValue:)))
        }
    }

    @inline(__always)
    subscript(scalar: UInt32) -> CharacterClass {
        if scalar >= 0x11_0000 { return [] }
        return classes[Int(blocks[Int(scalar >> 8)]) << 8 | Int(scalar & 0xFF)]
    }
}
