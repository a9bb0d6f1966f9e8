/// The questions Python's `str` answers about its characters.
enum CharacterClass {
    /// Whether a text is what a method of the `is…` family asks for.
    static func all(
        of text: Text,
        are method: StringMethod,
        _ interpreter: Interpreter
    ) throws(TemplateError) -> Bool {
        switch method {
        case .isascii: return text.isASCII
        case .isprintable: return try all(text, interpreter, isPrintable)
        case .islower: return try isOneCase(text, wants: \.isLowercase, refuses: \.isUppercase, interpreter)
        case .isupper: return try isOneCase(text, wants: \.isUppercase, refuses: \.isLowercase, interpreter)
        case .istitle: return try isTitle(text, interpreter)
        case .isidentifier:
            var characters = text.scalars
            guard let first = characters.next().flatMap(Unicode.Scalar.init) else { return false }
            guard first == "_" || first.properties.isXIDStart else { return false }
            return try all(text, interpreter) { $0.properties.isXIDContinue }
        default:
            guard !text.isEmpty else { return false }
            return try all(text, interpreter) { holds($0, method) }
        }
    }

    private static func all(
        _ text: Text,
        _ interpreter: Interpreter,
        _ holds: (Unicode.Scalar) -> Bool
    ) throws(TemplateError) -> Bool {
        for value in text.scalars {
            try interpreter.charge(1)
            if let scalar = Unicode.Scalar(value), !holds(scalar) { return false }
        }
        return true
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
        _ text: Text,
        wants: KeyPath<Unicode.Scalar.Properties, Bool>,
        refuses: KeyPath<Unicode.Scalar.Properties, Bool>,
        _ interpreter: Interpreter
    ) throws(TemplateError) -> Bool {
        var found = false
        let isAccepted = try all(text, interpreter) { scalar in
            let properties = scalar.properties
            if properties[keyPath: refuses] || properties.generalCategory == .titlecaseLetter { return false }
            if properties[keyPath: wants] { found = true }
            return true
        }
        return isAccepted && found
    }

    private static func isTitle(_ text: Text, _ interpreter: Interpreter) throws(TemplateError) -> Bool {
        var found = false
        var followsCased = false
        let isAccepted = try all(text, interpreter) { scalar in
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
            return true
        }
        return isAccepted && found
    }
}
