/// Reads a regular expression from left to right.
struct RegexParser {
    let scalars: [Unicode.Scalar]
    var position = 0
    private var options: RegexOptions
    private let limits: GrammarLimits
    private var depth = 0
    private(set) var stepsLeft: Int

    init(_ text: String, options: RegexOptions, limits: GrammarLimits, stepsLeft: Int) {
        scalars = Array(text.unicodeScalars)
        self.options = options
        self.limits = limits
        self.stepsLeft = stepsLeft
    }

    /// Counts steps; throws when none are left.
    mutating func count(steps: Int) throws(GrammarError) {
        stepsLeft -= steps
        guard stepsLeft > 0 else {
            throw error("classes that take more than \(limits.compileSteps) steps to be read", .limit)
        }
    }

    mutating func parse() throws(GrammarError) -> RegexSyntax {
        let result = try alternation()
        guard position == scalars.count else { throw error("a \")\" without a \"(\"") }
        return result
    }

    /// An error that names the place.
    func error(_ message: String, _ reason: GrammarError.Reason = .syntax) -> GrammarError {
        GrammarError(reason, "the regular expression has \(message) at character \(position)")
    }

    func peek(_ offset: Int = 0) -> Unicode.Scalar? {
        position + offset < scalars.count ? scalars[position + offset] : nil
    }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek() == scalar else { return false }
        position += 1
        return true
    }

    /// Takes a text if it comes next.
    mutating func take(_ text: String) -> Bool {
        let wanted = Array(text.unicodeScalars)
        guard scalars[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    private mutating func alternation() throws(GrammarError) -> RegexSyntax {
        depth += 1
        defer { depth -= 1 }
        guard depth <= limits.depth / 4 else {
            throw error("groups that are nested deeper than \(limits.depth / 4) levels", .limit)
        }
        var alternatives = [try sequence()]
        while take("|") { alternatives.append(try sequence()) }
        return alternatives.count == 1 ? alternatives[0] : .alternation(alternatives)
    }

    private mutating func sequence() throws(GrammarError) -> RegexSyntax {
        var parts: [RegexSyntax] = []
        while let next = peek(), next != "|", next != ")" {
            let start = position
            let atom = try atom()
            parts.append(try quantified(atom, from: start))
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func atom() throws(GrammarError) -> RegexSyntax {
        guard let scalar = peek() else { return .sequence([]) }
        position += 1
        switch scalar {
        case "(": return try group()
        case "[": return .characters(try characterClass(ignoresCase: options.ignoresCase))
        case ".": return .characters(dot)
        case "^": return .start
        case "$": return .end
        case "\\": return try escape()
        case "*", "+", "?":
            position -= 1
            throw error("\"\(scalar)\" with nothing to repeat")
        default:
            guard options.ignoresCase else { return .characters(ScalarSet(scalar)) }
            try count(steps: 20)
            return .characters(ScalarSet(scalar).ignoringCase)
        }
    }

    private var dot: ScalarSet {
        if options.dotMatchesLineBreaks { return .all }
        return options.onlyLineFeeds ? ScalarSet("\n").inverted : CharacterClasses.anyButLineBreaks
    }

    private mutating func group() throws(GrammarError) -> RegexSyntax {
        var wrap: ((RegexSyntax) -> RegexSyntax)?
        let outside = options
        var keepsOptions = false
        if take("?") {
            if take(":") {
            } else if take("=") {
                wrap = { .lookahead($0, isNegative: false) }
            } else if take("!") {
                wrap = { .lookahead($0, isNegative: true) }
            } else if peek() == "<", peek(1) == "=" || peek(1) == "!" {
                throw error("a lookbehind, which isn't supported,", .unsupported)
            } else if take("P<") || take("<") {
                while let next = peek(), next != ">" { position = next == ")" ? scalars.count : position + 1 }
                guard take(">") else { throw error("a group's name without an end") }
            } else {
                try flags()
                keepsOptions = peek() == ")"
                guard keepsOptions || take(":") else {
                    throw error("a kind of group that isn't supported", .unsupported)
                }
            }
        }
        let body = keepsOptions ? RegexSyntax.sequence([]) : try alternation()
        guard take(")") else { throw error("a \"(\" without a \")\"") }
        // Flags alone hold for the rest of the group that they stand in.
        if !keepsOptions { options = outside }
        return wrap?(body) ?? body
    }

    private mutating func flags() throws(GrammarError) {
        while let flag = peek(), flag == "i" || flag == "s" || flag == "u" {
            position += 1
            if flag == "i" { options.ignoresCase = true }
            if flag == "s" { options.dotMatchesLineBreaks = true }
        }
        guard peek() == ":" || peek() == ")" else {
            throw error("a kind of group that isn't supported", .unsupported)
        }
    }

    private mutating func quantified(_ atom: RegexSyntax, from start: Int) throws(GrammarError) -> RegexSyntax {
        var result = atom
        var isFirst = true
        while let (minimum, maximum) = try quantifier() {
            guard isFirst else { throw error("a quantifier behind a quantifier") }
            isFirst = false
            if case .start = atom { throw error("a quantifier behind \"^\"") }
            if case .end = atom { throw error("a quantifier behind \"$\"") }
            result = .repetition(atom, minimum: minimum, maximum: maximum)
            _ = take("?")
            if peek() == "+" { throw error("a possessive quantifier, which isn't supported,", .unsupported) }
        }
        return result
    }

    private mutating func quantifier() throws(GrammarError) -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        let start = position
        guard take("{") else { return nil }
        let minimum = try number()
        var maximum = minimum
        var hasRange = false
        if take(",") {
            hasRange = true
            maximum = try number()
        }
        guard take("}"), minimum != nil || (hasRange && maximum != nil) else {
            // Not a quantifier: the brace stands for itself.
            position = start
            return nil
        }
        let low = minimum ?? 0
        if let maximum, maximum < low { throw error("a quantifier whose bounds are out of order") }
        return (low, hasRange ? maximum : low)
    }

    private mutating func number() throws(GrammarError) -> Int? {
        var value: Int?
        while let digit = peek(), ("0"..."9").contains(digit) {
            value = (value ?? 0) * 10 + Int(digit.value - 48)
            position += 1
            if value ?? 0 > limits.repetitions {
                throw error("a count above the limit of \(limits.repetitions)", .limit)
            }
        }
        return value
    }
}
