/// Reads the part of Oniguruma's, PCRE's and Rust's syntax that published tokenizers use.
///
/// Groups capture nothing; there are no back references, conditions or recursion.
struct ExpressionParser {
    /// What differs between the libraries that expressions were written for.
    enum Dialect: Sendable {
        /// Ruby's syntax in Oniguruma, as in the `tokenizers` library: `$` is any line's end, `{1,3}+` repeats `{1,3}`.
        case oniguruma
        /// PCRE's syntax as fancy-regex and Python's `regex` have it, as in tiktoken: `{1,3}+` is possessive.
        case perl
    }

    /// Most code points of an expression.
    static let longestExpression = 1 << 12
    /// Deepest nesting of groups.
    private static let deepestNesting = 64

    let dialect: Dialect
    let text: [UInt32]
    var place = 0
    private var depth = 0
    /// Whether case is ignored here.
    var ignoresCase = false
    /// Whether a dot matches line feeds too.
    private var dotMatchesAll = false

    init(_ expression: String, _ dialect: Dialect) throws(ExpressionError) {
        text = expression.unicodeScalars.map(\.value)
        self.dialect = dialect
        if text.count > Self.longestExpression {
            throw ExpressionError(reason: "longer than \(Self.longestExpression) characters", place: text.count)
        }
    }

    /// The whole expression.
    mutating func parse() throws(ExpressionError) -> ExpressionTree {
        let tree = try alternatives()
        if place < text.count { throw failure("a ) without its (") }
        return tree
    }

    // MARK: Characters

    func failure(_ reason: String) -> ExpressionError { ExpressionError(reason: reason, place: place) }

    var current: UInt32? { place < text.count ? text[place] : nil }

    func isAt(_ character: Unicode.Scalar) -> Bool { current == character.value }

    mutating func take(_ word: String) -> Bool {
        let scalars = word.unicodeScalars.map(\.value)
        guard place + scalars.count <= text.count, Array(text[place..<place + scalars.count]) == scalars else {
            return false
        }
        place += scalars.count
        return true
    }

    mutating func next() throws(ExpressionError) -> UInt32 {
        guard let scalar = current else { throw failure("it ends too early") }
        place += 1
        return scalar
    }

    // MARK: Structure

    private mutating func alternatives() throws(ExpressionError) -> ExpressionTree {
        depth += 1
        defer { depth -= 1 }
        if depth > Self.deepestNesting { throw failure("nested more than \(Self.deepestNesting) deep") }
        let outerCase = ignoresCase
        let outerDot = dotMatchesAll
        defer {
            ignoresCase = outerCase
            dotMatchesAll = outerDot
        }
        var parts = [try sequence()]
        while take("|") { parts.append(try sequence()) }
        return parts.count == 1 ? parts[0] : .alternatives(parts)
    }

    private mutating func sequence() throws(ExpressionError) -> ExpressionTree {
        var parts: [ExpressionTree] = []
        while let scalar = current, scalar != 0x7C, scalar != 0x29 {
            let part = try atom()
            parts.append(try repetitions(of: part))
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func atom() throws(ExpressionError) -> ExpressionTree {
        switch try next() {
        case 0x28: return try group()
        case 0x5B: return .set(try bracket())
        case 0x2E: return .set(dotMatchesAll ? CodePointRanges().complement : CodePointRanges(0x0A).complement)
        case 0x5E: return .anchor(dialect == .oniguruma ? .lineStart : .textStart)
        case 0x24: return .anchor(dialect == .oniguruma ? .lineEnd : .lastLineEnd)
        case 0x5C: return try escape()
        case 0x2A, 0x2B, 0x3F:
            place -= 1
            throw failure("nothing to repeat")
        case let scalar: return .set(folded(CodePointRanges(scalar)))
        }
    }

    private mutating func group() throws(ExpressionError) -> ExpressionTree {
        var tree: ExpressionTree
        if take("?:") {
            tree = try alternatives()
        } else if take("?=") || take("?!") {
            let isNegative = text[place - 1] == 0x21
            tree = .lookahead(try alternatives(), isNegative: isNegative)
        } else if take("?<=") || take("?<!") {
            let isNegative = text[place - 1] == 0x21
            guard case .set(let set) = try alternatives() else {
                throw failure("a look behind is at one character only")
            }
            tree = .lookbehind(set, isNegative: isNegative)
        } else if take("?>") {
            tree = .repeated(try alternatives(), minimum: 1, maximum: 1, .possessive)
        } else if take("?<") || take("?P<") {
            while try next() != 0x3E {}
            tree = try alternatives()
        } else if take("?") {
            return try options()
        } else {
            tree = try alternatives()
        }
        if !take(")") { throw failure("a ( without its )") }
        return tree
    }

    /// `(?i)`, which holds until the group around it ends, or `(?i:...)`.
    private mutating func options() throws(ExpressionError) -> ExpressionTree {
        let outerCase = ignoresCase
        let outerDot = dotMatchesAll
        var isOn = true
        while true {
            switch try next() {
            case 0x2D: isOn = false
            case 0x69: ignoresCase = isOn
            case 0x73 where dialect == .perl, 0x6D where dialect == .oniguruma: dotMatchesAll = isOn
            case 0x75: break
            case 0x29: return .empty
            case 0x3A:
                let tree = try alternatives()
                ignoresCase = outerCase
                dotMatchesAll = outerDot
                if !take(")") { throw failure("a ( without its )") }
                return tree
            default: throw failure("an unknown kind of group")
            }
        }
    }

    private mutating func repetitions(of part: ExpressionTree) throws(ExpressionError) -> ExpressionTree {
        var tree = part
        var count = 0
        while let (minimum, maximum, isInterval) = try quantifier() {
            count += 1
            if count > 4 { throw failure("more than 4 repetitions of repetitions") }
            var kind = ExpressionTree.RepetitionKind.greedy
            if take("?") {
                kind = .lazy
            } else if !isInterval || dialect == .perl, take("+") {
                kind = .possessive
            }
            tree = .repeated(tree, minimum: minimum, maximum: maximum, kind)
        }
        return tree
    }

    private mutating func quantifier() throws(ExpressionError) -> (Int, Int?, isInterval: Bool)? {
        if take("*") { return (0, nil, false) }
        if take("+") { return (1, nil, false) }
        if take("?") { return (0, 1, false) }
        if !isAt("{") { return nil }
        let start = place
        place += 1
        let minimum = number()
        var maximum = minimum
        if take(",") { maximum = number() }
        guard take("}"), minimum != nil || maximum != nil else {
            place = start
            throw failure("a { that begins no repetition")
        }
        let from = minimum ?? 0
        if let maximum, maximum < from { throw failure("a repetition from \(from) to \(maximum)") }
        return (from, maximum, true)
    }

    /// A whole number of up to four digits; `nil` where none begins.
    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = current, (0x30...0x39).contains(scalar), (value ?? 0) < 1000 {
            value = (value ?? 0) * 10 + Int(scalar - 0x30)
            place += 1
        }
        return value
    }
}
