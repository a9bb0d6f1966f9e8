/// Expressions that grammars of JSON are full of: their states are looked at when a vocabulary is loaded.
struct CommonExpressions {
    /// An automaton with the expressions.
    private(set) var automaton: LexicalAutomaton
    /// What is known of their states.
    private(set) var tokens: TokenTables
    private let vocabulary: TokenVocabulary
    private var seen: Set<Int32> = []
    /// Lengths of strings up to which each has states of its own.
    private static let lengths = 32

    init(_ vocabulary: TokenVocabulary, limits: GrammarLimits) {
        self.vocabulary = vocabulary
        var builder = GrammarBuilder(limits: limits)
        let expressions = (try? Self.expressions(&builder)) ?? []
        automaton = builder.automaton
        // Behind its opening quote a string is open; the first byte that isn't special keeps it so.
        let start = automaton.knownState(of: expressions.first?.0.id ?? 0)
        let open = automaton.next(start, UInt8(ascii: "\""))
        tokens = TokenTables(quotes: QuoteExits(open, &automaton, vocabulary))
        for (expression, steps) in expressions where steps > 0 { learn(expression, steps) }
        // The states behind these are many, so they are left to the grammars that need them.
        var scratch = automaton
        for (expression, steps) in expressions where steps == 0 {
            let state = scratch.knownState(of: expression.id)
            let examined = StateExaminer.examine(state, &scratch, vocabulary, tokens.quotes)
            tokens[expression.id] = StateKnowledge(reference: examined)
        }
        automaton.expressions.derivatives = [:]
        tokens.text = text(expressions.last { $0.steps > 0 }?.0)
    }

    /// The state behind the opening quote of a string, and the tokens with which the string goes on.
    private mutating func text(_ string: Expression?) -> (expression: Int32, inside: TokenMask)? {
        let start = automaton.knownState(of: string?.id ?? 0)
        let expression = automaton.expressionOfState[Int(automaton.next(start, UInt8(ascii: "\"")))]
        guard let known = tokens[expression]?.reference, known.exits.isEmpty, !known.endsAnywhere else { return nil }
        var inside = TokenMask(count: vocabulary.count)
        known.inside.add(to: &inside)
        inside.subtract(tokens.quotes.closing)
        return (expression, inside)
    }

    /// Looks at the states up to so many bytes behind the beginning of an expression.
    private mutating func learn(_ expression: Expression, _ steps: Int) {
        var states = [automaton.knownState(of: expression.id)]
        for step in 0...steps {
            var next: [Int32] = []
            for state in states where state > 1 && seen.insert(state).inserted {
                let examined = StateExaminer.examine(state, &automaton, vocabulary, tokens.quotes)
                tokens[automaton.expressionOfState[Int(state)]] = StateKnowledge(reference: examined)
                automaton.complete(state)
                guard step < steps else { continue }
                for byte in UInt8.min ... .max { next.append(automaton.next(state, byte)) }
            }
            states = next
        }
    }

    /// The expressions, and how many bytes on from their beginning states are looked at.
    private static func expressions(
        _ builder: inout GrammarBuilder
    ) throws(GrammarError) -> [(Expression, steps: Int)] {
        let quote = try builder.literal("\"")
        var result: [(Expression, steps: Int)] = []
        for unicodeEscapes in [true, false] {
            let character = try builder.jsonCharacters(.all, unicodeEscapes: unicodeEscapes)
            let text = try builder.repetition(character, 0...)
            result.append((try builder.concatenation([quote, text, quote]), 8))
            for length in 1...lengths {
                for (minimum, maximum) in [(length, nil), (0, length), (1, length)] {
                    let text = try builder.repetition(character, minimum, maximum)
                    result.append((try builder.concatenation([text, quote]), 0))
                }
            }
        }
        return result
    }
}
