/// Reads a grammar's text character by character.
struct RuleReader {
    let scalars: [Unicode.Scalar]
    var position = 0
    let limits: GrammarLimits
    private var depth = 0

    init(_ text: String, limits: GrammarLimits) {
        scalars = Array(text.unicodeScalars)
        self.limits = limits
    }

    var isAtEnd: Bool { position >= scalars.count }

    func peek(_ offset: Int = 0) -> Unicode.Scalar? {
        position + offset < scalars.count ? scalars[position + offset] : nil
    }

    /// An error that names the line and the column.
    func error(_ message: String, _ reason: GrammarError.Reason = .syntax) -> GrammarError {
        let before = scalars[..<min(position, scalars.count)]
        let line = before.count { $0 == "\n" } + 1
        let column = before.count - (before.lastIndex(of: "\n").map { $0 + 1 } ?? 0) + 1
        return GrammarError(reason, "the grammar has \(message) in line \(line), column \(column)")
    }

    /// Whether a text comes next.
    func isNext(_ text: String) -> Bool { scalars[position...].starts(with: text.unicodeScalars) }

    /// Takes a text if it comes next.
    mutating func take(_ text: String) -> Bool {
        guard isNext(text) else { return false }
        position += text.unicodeScalars.count
        return true
    }

    mutating func expect(_ text: String) throws(GrammarError) {
        guard take(text) else { throw error("no \"\(text)\" where one has to be") }
    }

    /// Skips spaces, line breaks and comments from one of some marks to the end of the line.
    mutating func skipSpace(comments: [String]) {
        while let next = peek() {
            if next.properties.isWhitespace {
                position += 1
            } else if comments.contains(where: isNext) {
                while !isAtEnd, peek() != "\n" { position += 1 }
            } else {
                return
            }
        }
    }

    /// Takes all characters that belong to a name; nil if there are none.
    mutating func name(_ isPart: (Unicode.Scalar) -> Bool) -> String? {
        var name = String.UnicodeScalarView()
        while let next = peek(), isPart(next) {
            name.append(next)
            position += 1
        }
        return name.isEmpty ? nil : String(name)
    }

    /// Takes a whole number; nil if there is none.
    mutating func number() throws(GrammarError) -> Int? {
        guard let digits = name({ ("0"..."9").contains($0) }) else { return nil }
        guard let value = Int(digits), value <= limits.repetitions else {
            throw error("a count above the limit of \(limits.repetitions)", .limit)
        }
        return value
    }

    /// Counts as nested deeper while `body` runs.
    mutating func nested<Result>(
        _ body: (inout RuleReader) throws(GrammarError) -> Result
    ) throws(GrammarError) -> Result {
        depth += 1
        defer { depth -= 1 }
        guard depth <= limits.depth / 4 else {
            throw error("groups that are nested deeper than \(limits.depth / 4) levels", .limit)
        }
        return try body(&self)
    }

    /// The bounds behind a `{`, its `}` included.
    mutating func bounds() throws(GrammarError) -> (Int, Int?) {
        skipSpace(comments: [])
        let minimum = try number()
        skipSpace(comments: [])
        var maximum = minimum
        if take(",") {
            skipSpace(comments: [])
            maximum = try number()
            skipSpace(comments: [])
        } else if minimum == nil {
            throw error("a \"{\" without a count")
        }
        try expect("}")
        return try ordered(minimum ?? 0, maximum)
    }

    /// The bounds of a quantifier, if one comes next.
    mutating func quantifier() throws(GrammarError) -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        return take("{") ? try bounds() : nil
    }

    /// Most quantifiers of one part: each is a level that is read recursively.
    private static let mostQuantifiers = 16

    /// A part with the quantifiers behind it, as long as `next` finds some.
    mutating func repeated(
        _ part: RuleSyntax,
        _ next: (inout RuleReader) throws(GrammarError) -> (Int, Int?)?
    ) throws(GrammarError) -> RuleSyntax {
        var result = part
        for _ in 0...Self.mostQuantifiers {
            guard let (minimum, maximum) = try next(&self) else { return result }
            result = .repetition(result, minimum: minimum, maximum: maximum)
        }
        throw error("more than \(Self.mostQuantifiers) quantifiers in a row", .limit)
    }

    /// Bounds of a repetition, checked.
    func ordered(_ minimum: Int, _ maximum: Int?) throws(GrammarError) -> (Int, Int?) {
        if let maximum, maximum < minimum { throw error("a repetition whose bounds are out of order") }
        return (minimum, maximum)
    }

    /// What the escape behind a backslash stands for.
    mutating func escape() throws(GrammarError) -> Unicode.Scalar {
        guard let scalar = peek() else { throw error("a \"\\\" at its end") }
        position += 1
        switch scalar {
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "f": return "\u{C}"
        case "v": return "\u{B}"
        case "b": return "\u{8}"
        case "0": return "\0"
        case "x": return try hexadecimal(2)
        case "u": return try hexadecimal(4)
        case "U": return try hexadecimal(8)
        default: return scalar
        }
    }

    private mutating func hexadecimal(_ digits: Int) throws(GrammarError) -> Unicode.Scalar {
        let end = min(position + digits, scalars.count)
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[position..<end])
        guard text.count == digits, text.allSatisfy(\.properties.isASCIIHexDigit),
            let value = UInt32(String(text), radix: 16), let scalar = Unicode.Scalar(value)
        else { throw error("an escape of a character that doesn't exist") }
        position = end
        return scalar
    }

    /// The text of a literal behind its opening quote, the closing one included.
    mutating func quoted(_ quote: Unicode.Scalar) throws(GrammarError) -> String {
        var text = String.UnicodeScalarView()
        while true {
            guard let next = peek(), next != "\n" else { throw error("a literal without an end") }
            position += 1
            if next == quote { return String(text) }
            text.append(next == "\\" ? try escape() : next)
        }
    }
}
