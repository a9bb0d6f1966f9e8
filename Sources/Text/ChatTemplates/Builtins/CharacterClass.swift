/// The questions Python's `str` answers about its characters.
enum CharacterClass {
    /// Whether a text is what a method of the `is…` family asks for.
    static func all(of scalars: [UInt32], are method: StringMethod) -> Bool {
        let characters = scalars.compactMap(Unicode.Scalar.init)
        switch method {
        case .isascii: return scalars.allSatisfy { $0 < 0x80 }
        case .isprintable: return characters.allSatisfy(isPrintable)
        case .islower: return isOneCase(characters, wants: \.isLowercase, refuses: \.isUppercase)
        case .isupper: return isOneCase(characters, wants: \.isUppercase, refuses: \.isLowercase)
        case .istitle: return isTitle(characters)
        case .isidentifier:
            guard let first = characters.first else { return false }
            return (first == "_" || first.properties.isXIDStart)
                && characters.allSatisfy { $0.properties.isXIDContinue }
        default: return !characters.isEmpty && characters.allSatisfy { holds($0, method) }
        }
    }

    private static func holds(_ scalar: Unicode.Scalar, _ method: StringMethod) -> Bool {
        switch method {
        case .isspace: Whitespace.contains(scalar.value)
        case .isalpha: isLetter(scalar)
        case .isdecimal: scalar.properties.generalCategory == .decimalNumber
        case .isdigit: scalar.properties.numericType == .decimal || scalar.properties.numericType == .digit
        case .isnumeric: scalar.properties.numericType != nil
        default: isLetter(scalar) || scalar.properties.numericType != nil
        }
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    /// Whether a regular expression's `\w` matches.
    static func isWord(_ value: UInt32) -> Bool {
        guard let scalar = Unicode.Scalar(value) else { return false }
        return scalar == "_" || isLetter(scalar) || scalar.properties.numericType != nil
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        Representation.isPrintable(scalar.value) || scalar == " "
    }

    private static func isOneCase(
        _ scalars: [Unicode.Scalar],
        wants: KeyPath<Unicode.Scalar.Properties, Bool>,
        refuses: KeyPath<Unicode.Scalar.Properties, Bool>
    ) -> Bool {
        var found = false
        for scalar in scalars {
            let properties = scalar.properties
            if properties[keyPath: refuses] || properties.generalCategory == .titlecaseLetter { return false }
            if properties[keyPath: wants] { found = true }
        }
        return found
    }

    private static func isTitle(_ scalars: [Unicode.Scalar]) -> Bool {
        var found = false
        var followsCased = false
        for scalar in scalars {
            let properties = scalar.properties
            if properties.isUppercase || properties.generalCategory == .titlecaseLetter {
                if followsCased { return false }
                found = true
                followsCased = true
            } else if properties.isLowercase {
                if !followsCased { return false }
                found = true
            } else {
                followsCased = false
            }
        }
        return found
    }
}
