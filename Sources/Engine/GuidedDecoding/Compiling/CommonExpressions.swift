/// Expressions that grammars of JSON are full of: their states are looked at when a vocabulary is loaded.
enum CommonExpressions {
    /// Lengths of strings up to which each has states of its own.
    private static let lengths = 16

    /// An automaton with the expressions, and what is known of their states.
    static func learn(_ vocabulary: TokenVocabulary, limits: GrammarLimits) -> (LexicalAutomaton, TokenTables) {
        var builder = GrammarBuilder(limits: limits)
        var tokens = TokenTables()
        guard let expressions = try? expressions(&builder) else { return (LexicalAutomaton(limits: limits), tokens) }
        let examiner = StateExaminer(vocabulary: vocabulary)
        var seen: Set<Int32> = []
        for (expression, steps) in expressions {
            var states = [builder.automaton.knownState(of: expression.id)]
            for step in 0...steps {
                var next: [Int32] = []
                for state in states where state > 1 && seen.insert(state).inserted {
                    tokens[state] = StateKnowledge(reference: examiner.examine(state, &builder.automaton))
                    builder.automaton.complete(state)
                    guard step < steps else { continue }
                    for byte in UInt8.min ... .max { next.append(builder.automaton.next(state, byte)) }
                }
                states = next
            }
        }
        return (builder.automaton, tokens)
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
