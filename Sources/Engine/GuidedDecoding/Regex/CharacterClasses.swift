/// The classes of characters that regular expressions name.
enum CharacterClasses {
    /// The class `\d`.
    static let digits = ScalarSet([48...57])
    /// The class `\w`.
    static let words = ScalarSet([48...57, 65...90, 95...95, 97...122])
    /// `\s`, as ECMA 262 has it.
    static let spaces = ScalarSet([
        9...13, 32...32, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F,
        0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
    ])
    /// What a dot matches.
    static let anyButLineBreaks = ScalarSet([10...10, 13...13, 0x2028...0x2029]).inverted

    /// `\p{name}`: a general category by its short or long name, or one of a few other properties; nil if it isn't known.
    static func property(_ name: String) -> ScalarSet? {
        var name = name
        for prefix in ["General_Category=", "gc="] where name.hasPrefix(prefix) {
            name = String(name.dropFirst(prefix.count))
        }
        switch name {
        case "Any": return .all
        case "ASCII": return ScalarSet([0...127])
        case "White_Space": return spaces.union(ScalarSet([0x85...0x85])).subtracting(ScalarSet([0xFEFF...0xFEFF]))
        default: break
        }
        return sets[longNames[name] ?? name]
    }

    /// The sets of all categories by their short names, and of all that begin with the same letter.
    private static let sets: [String: ScalarSet] = {
        var result: [String: ScalarSet] = [:]
        for (name, ranges) in categories {
            result[name] = ScalarSet(ranges)
            result[String(name.prefix(1)), default: ScalarSet()] =
                result[String(name.prefix(1)), default: ScalarSet()].union(ScalarSet(ranges))
        }
        return result
    }()

    private static let longNames = [
        "Letter": "L", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Titlecase_Letter": "Lt",
        "Modifier_Letter": "Lm", "Other_Letter": "Lo", "Mark": "M", "Number": "N", "Decimal_Number": "Nd",
        "Letter_Number": "Nl", "Other_Number": "No", "Punctuation": "P", "Symbol": "S", "Separator": "Z",
        "Space_Separator": "Zs", "Other": "C", "Control": "Cc", "Nonspacing_Mark": "Mn", "Spacing_Mark": "Mc",
        "Dash_Punctuation": "Pd", "Connector_Punctuation": "Pc", "Math_Symbol": "Sm", "Currency_Symbol": "Sc",
    ]

    /// The ranges of each general category, found once.
    private static let categories: [String: [ClosedRange<UInt32>]] = {
        var result: [String: [ClosedRange<UInt32>]] = [:]
        var start: UInt32 = 0
        var current = ""
        for value in UInt32(0)...0x110000 {
            let name = Unicode.Scalar(value).map { shortName($0.properties.generalCategory) } ?? ""
            if name != current {
                if !current.isEmpty { result[current, default: []].append(start...(value - 1)) }
                (start, current) = (value, name)
            }
        }
        return result
    }()

    private static func shortName(_ category: Unicode.GeneralCategory) -> String {
        switch category {
        case .uppercaseLetter: "Lu"
        case .lowercaseLetter: "Ll"
        case .titlecaseLetter: "Lt"
        case .modifierLetter: "Lm"
        case .otherLetter: "Lo"
        case .nonspacingMark: "Mn"
        case .spacingMark: "Mc"
        case .enclosingMark: "Me"
        case .decimalNumber: "Nd"
        case .letterNumber: "Nl"
        case .otherNumber: "No"
        case .connectorPunctuation: "Pc"
        case .dashPunctuation: "Pd"
        case .openPunctuation: "Ps"
        case .closePunctuation: "Pe"
        case .initialPunctuation: "Pi"
        case .finalPunctuation: "Pf"
        case .otherPunctuation: "Po"
        case .mathSymbol: "Sm"
        case .currencySymbol: "Sc"
        case .modifierSymbol: "Sk"
        case .otherSymbol: "So"
        case .spaceSeparator: "Zs"
        case .lineSeparator: "Zl"
        case .paragraphSeparator: "Zp"
        case .control: "Cc"
        case .format: "Cf"
        case .surrogate: "Cs"
        case .privateUse: "Co"
        case .unassigned: "Cn"
        @unknown default: "Cn"
        }
    }
}

extension ScalarSet {
    /// The set with the other case of all its letters; of sets of thousands, which have both as a rule, only of ASCII.
    var ignoringCase: ScalarSet {
        var result = ranges
        for range in casedRanges {
            for value in range {
                guard let properties = Unicode.Scalar(value)?.properties else { continue }
                for mapping in [properties.lowercaseMapping, properties.uppercaseMapping]
                where mapping.unicodeScalars.count == 1 {
                    for scalar in mapping.unicodeScalars { result.append(scalar.value...scalar.value) }
                }
            }
        }
        return ScalarSet(result)
    }

    /// Steps that `ignoringCase` takes.
    var caseSteps: Int { casedRanges.reduce(0) { $0 + 4 + 3 * $1.count } }

    /// The parts of the ranges whose letters' other case is looked for.
    private var casedRanges: [Slice<ClosedRange<UInt32>>] {
        var left = 3000
        return ranges.map { range in
            let part = range.prefix(max(128, left))
            left -= part.count
            return part
        }
    }
}
