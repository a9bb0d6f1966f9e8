/// Everything that is learned while outputs are matched with a grammar; shared by its matchers, one at a time.
struct MatchState: Sendable {
    let program: GrammarProgram
    let vocabulary: TokenVocabulary
    let limits: GrammarLimits
    var automaton: LexicalAutomaton
    var stacks = StackTable()
    var tokens: TokenTables
    /// Of how many expressions something was known before.
    private let commonTokens: Int
    var situations = SituationTable()
    /// Readings of the nodes of a trie on the way to the one that is looked at; kept to save allocations.
    var levels = ReadingLevels()
    var masks = MaskCache()

    init(program: GrammarProgram, automaton: LexicalAutomaton, tokens: TokenTables, vocabulary: TokenVocabulary) {
        self.program = program
        self.automaton = automaton
        self.vocabulary = vocabulary
        self.tokens = tokens
        commonTokens = tokens.count
        limits = automaton.limits
        self.automaton.detach()
    }

    /// Whether so much was learned that it is better to begin anew.
    var isWorn: Bool {
        automaton.isExhausted || automaton.stateCount > limits.states / 2
            || automaton.expressions.count > limits.expressions / 4 * 3
            || tokens.count - commonTokens > limits.keptMasks
            || stacks.size > 500_000 || situations.size > 500_000
    }

    /// The situation of an empty output.
    mutating func beginning() -> Int32 {
        automaton.beginToken()
        var work = Closing(limit: limits.readings)
        work.enter(program.root, 0)
        return situations.number(of: close(&work))
    }

    /// Where the readings that come after a frame lie among those of the stacks.
    mutating func following(_ stack: Int32) -> Range<Int> {
        if let known = stacks.known(stack) { return known }
        var work = Closing(limit: limits.readings)
        work.resume(stack)
        return stacks.remember(stack, close(&work))
    }
}
