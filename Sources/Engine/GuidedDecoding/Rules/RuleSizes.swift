/// How large rules are when the rules that they name are put in their places.
struct RuleSizes {
    private let grammar: RuleGrammar
    private let depthLimit: Int
    /// -1 while a rule is looked at, so that rules that contain themselves are seen.
    private var known: [String: Int] = [:]
    /// Larger parts stay nodes, which share what they have in common.
    private static let small = 5000
    private static let endless = 1 << 30

    init(_ grammar: RuleGrammar, limits: GrammarLimits) {
        self.grammar = grammar
        depthLimit = limits.depth / 4
    }

    /// Whether a part is regular and not too large for one expression.
    mutating func isSmall(_ syntax: RuleSyntax) throws(GrammarError) -> Bool {
        try size(syntax, depth: 0) <= Self.small
    }

    private mutating func size(_ syntax: RuleSyntax, depth: Int) throws(GrammarError) -> Int {
        guard depth < depthLimit else { return Self.endless }
        switch syntax {
        case .literal, .characters: return 1
        case .regex: return 50
        case .special, .schema: return Self.endless
        case .name(let name): return try size(named: name, depth: depth)
        case .sequence(let parts), .alternation(let parts), .intersection(let parts):
            var sum = 1
            for part in parts { sum = min(Self.endless, sum + (try size(part, depth: depth + 1))) }
            return sum
        case .repetition(let body, _, _), .complement(let body), .shortest(let body):
            return min(Self.endless, 1 + (try size(body, depth: depth + 1)))
        }
    }

    private mutating func size(named name: String, depth: Int) throws(GrammarError) -> Int {
        if let size = known[name] { return size < 0 ? Self.endless : size }
        guard let rule = grammar.rules[name] else {
            throw GrammarError(.syntax, "the grammar has no rule \"\(name)\"")
        }
        known[name] = -1
        let size = try size(rule, depth: depth + 1)
        known[name] = size
        return size
    }
}
