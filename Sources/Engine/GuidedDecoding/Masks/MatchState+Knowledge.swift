extension MatchState {
    /// What is known of a state, or can be found out from what is known of a similar one.
    mutating func knowledge(_ state: Int32) -> StateKnowledge? {
        if let known = tokens[state] { return known }
        if tokens.wasTried(state) { return nil }
        let expression = automaton.expressionOfState[Int(state)]
        let found =
            automaton.expressions.node(expression).kind == .difference
            ? knowledgeOfDifference(expression) : knowledgeOfShortened(state, expression)
        if let found { tokens[state] = found } else { tokens.markTried(state) }
        return found
    }

    /// Finds out all about a state.
    mutating func learn(_ state: Int32) -> StateKnowledge {
        if let known = knowledge(state) { return known }
        let short = shortened(state)
        let examined = StateKnowledge(
            reference: StateExaminer.examine(short, &automaton, vocabulary, tokens.quotes)
        )
        tokens[short] = examined
        if short == state { return examined }
        let known = exceptLongTokens(examined, state, short)
        tokens[state] = known
        return known
    }

    private mutating func shortened(_ state: Int32) -> Int32 {
        let expression = automaton.expressionOfState[Int(state)]
        let reach = Int32(TokenVocabulary.commonLength + 1)
        guard let short = try? automaton.expressions.shortened(expression, reach: reach) else { return state }
        let result = automaton.knownState(of: short)
        return result == 0 ? state : result
    }

    private mutating func knowledgeOfShortened(_ state: Int32, _ expression: Int32) -> StateKnowledge? {
        let short = shortened(state)
        guard short != state, let known = tokens[short] else { return nil }
        return exceptLongTokens(known, state, short)
    }

    private mutating func exceptLongTokens(_ known: StateKnowledge, _ state: Int32, _ short: Int32) -> StateKnowledge {
        var known = known
        let differences = StateExaminer.differences(state, short, &automaton, vocabulary)
        known.exceptions = Self.merged(known.exceptions, differences)
        return known
    }

    /// What is known of words but some: all that is known of the words, except of tokens with which one may be spelled.
    private mutating func knowledgeOfDifference(_ expression: Int32) -> StateKnowledge? {
        var rest = expression
        var exceptions: [Int32] = []
        while automaton.expressions.node(rest).kind == .difference {
            let node = automaton.expressions.node(rest)
            guard let spelling = tokensSpelling(node.second) else { return nil }
            exceptions = Self.merged(exceptions, spelling)
            rest = node.first
        }
        guard var known = knowledge(automaton.knownState(of: rest)) else { return nil }
        known.exceptions = Self.merged(known.exceptions, exceptions)
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
