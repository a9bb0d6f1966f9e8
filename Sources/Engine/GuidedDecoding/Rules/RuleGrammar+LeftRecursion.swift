extension RuleGrammar {
    /// Rewrites rules that begin with themselves: `a: a x | y` is `a: y x*`.
    mutating func rewriteLeftRecursion() {
        for (name, syntax) in rules {
            let alternatives: [RuleSyntax]
            if case .alternation(let list) = syntax { alternatives = list } else { alternatives = [syntax] }
            var others: [RuleSyntax] = []
            var tails: [RuleSyntax] = []
            for alternative in alternatives {
                switch alternative {
                case .name(name): continue
                case .sequence(let parts) where parts.first == .name(name):
                    tails.append(.sequence(Array(parts.dropFirst())))
                default: others.append(alternative)
                }
            }
            guard !tails.isEmpty else { continue }
            rules[name] = .sequence([
                .alternation(others), .repetition(.alternation(tails), minimum: 0, maximum: nil),
            ])
        }
    }
}
