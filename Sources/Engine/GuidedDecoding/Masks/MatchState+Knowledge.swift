extension MatchState {
    /// What is known of a state, or can be found out from what is known of a similar one.
    mutating func knowledge(_ state: Int32) -> StateKnowledge? {
        let expression = automaton.expressionOfState[Int(state)]
        if let known = tokens[expression] { return known }
        if tokens.wasTried(expression) { return nil }
        let found =
            automaton.expressions.node(expression).kind == .difference
            ? knowledgeOfDifference(expression)
            : knowledgeOfOpenText(state, expression) ?? knowledgeOfShortened(state, expression)
        if let found { tokens[expression] = found } else { tokens.markTried(expression) }
        return found
    }

    /// Finds out all about a state.
    mutating func learn(_ state: Int32) -> StateKnowledge {
        if let known = knowledge(state) { return known }
        let expression = automaton.expressionOfState[Int(state)]
        if automaton.expressions.node(expression).kind == .difference {
            _ = learn(automaton.knownState(of: whole(expression)))
            if let found = knowledgeOfDifference(expression) {
                tokens[expression] = found
                return found
            }
        }
        let short = shortened(state)
        let examined = StateKnowledge(
            reference: StateExaminer.examine(short, &automaton, vocabulary, tokens.quotes)
        )
        tokens[automaton.expressionOfState[Int(short)]] = examined
        if short == state { return examined }
        let known = exceptLongTokens(examined, state, short)
        tokens[expression] = known
        return known
    }

    private mutating func shortened(_ state: Int32) -> Int32 {
        let expression = automaton.expressionOfState[Int(state)]
        let reach = Int32(TokenVocabulary.commonLength + 1)
        guard let short = try? automaton.expressions.shortened(expression, reach: reach) else { return state }
        let result = automaton.knownState(of: short)
        return result == 0 ? state : result
    }

    /// What is known of any text that may go on in every way until the quote that ends it: all but where it may end.
    private mutating func knowledgeOfOpenText(_ state: Int32, _ expression: Int32) -> StateKnowledge? {
        guard let text = tokens.text, automaton.expressions.isOpen(expression, text.expression) else { return nil }
        return StateKnowledge(
            reference: StateExaminer.ends(state, within: text.inside, &automaton, vocabulary, tokens.quotes)
        )
    }

    private mutating func knowledgeOfShortened(_ state: Int32, _ expression: Int32) -> StateKnowledge? {
        let short = shortened(state)
        guard short != state, let known = tokens[automaton.expressionOfState[Int(short)]] else { return nil }
        return exceptLongTokens(known, state, short)
    }

    private mutating func exceptLongTokens(
        _ known: StateKnowledge,
        _ state: Int32,
        _ short: Int32
    ) -> StateKnowledge {
        // Counts that even the longest token can't use up make no difference at all.
        let expression = automaton.expressionOfState[Int(state)]
        let reach = Int32(vocabulary.longestWord + 1)
        if let far = try? automaton.expressions.shortened(expression, reach: reach),
            far == automaton.expressionOfState[Int(short)]
        {
            return known
        }
        var known = known
        guard automaton.count(steps: vocabulary.longTokens.count / 16) else { return known }
        let differences = StateExaminer.differences(state, short, &automaton, vocabulary)
        known.exceptions = Self.merged(known.exceptions, differences)
        return known
    }

    /// What words are taken from, in one or more differences.
    private func whole(_ expression: Int32) -> Int32 {
        var rest = expression
        while automaton.expressions.node(rest).kind == .difference { rest = automaton.expressions.node(rest).first }
        return rest
    }

    /// What is known of words but some: all that is known of the words, except of tokens with which one may be spelled.
    private mutating func knowledgeOfDifference(_ expression: Int32) -> StateKnowledge? {
        guard var known = knowledge(automaton.knownState(of: whole(expression))) else { return nil }
        var rest = expression
        while automaton.expressions.node(rest).kind == .difference {
            let node = automaton.expressions.node(rest)
            guard let spelling = tokensSpelling(node.second) else { return nil }
            known.exceptions = Self.merged(known.exceptions, spelling)
            rest = node.first
        }
        return known
    }

    /// The tokens with which words below a trie's node may begin, or go on behind their end; nil if they are too many.
    private func tokensSpelling(_ root: Int32) -> [Int32]? {
        let trie = vocabulary.trie
        var result: [Int32] = []
        var queue: [(node: Int, literal: Int32)] = [(0, root)]
        while let (node, literal) = queue.popLast() {
            for child in automaton.expressions.tries[literal].children {
                let next = automaton.expressions.tries[child]
                guard let below = trie.child(node, next.byte) else { continue }
                if next.isEnd {
                    result.append(contentsOf: trie.tokens(from: below))
                } else {
                    for place in trie.tokens(at: below) { result.append(trie.tokens[place]) }
                    queue.append((below, child))
                }
            }
            if result.count > 2000 { return nil }
        }
        return result
    }

    private static func merged(_ left: [Int32], _ right: [Int32]) -> [Int32] {
        if left.isEmpty { return right }
        return right.isEmpty ? left : Array(Set(left).union(right)).sorted()
    }
}
