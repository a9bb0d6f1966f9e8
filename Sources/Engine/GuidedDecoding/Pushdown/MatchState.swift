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
    /// Bytes of what was known before, which all grammars share.
    private let commonBytes: Int
    var situations = SituationTable()
    /// Readings of the nodes of a trie on the way to the one that is looked at; kept to save allocations.
    var levels = ReadingLevels()
    var masks = MaskCache()
    /// Steps that the last mask took.
    var lastSteps = 0

    init(program: GrammarProgram, automaton: LexicalAutomaton, tokens: TokenTables, vocabulary: TokenVocabulary) {
        self.program = program
        self.automaton = automaton
        self.vocabulary = vocabulary
        self.tokens = tokens
        commonTokens = tokens.count
        commonBytes = tokens.byteCount
        limits = automaton.limits
        self.automaton.detach()
    }

    /// Whether so much was learned that it is better to begin anew.
    var isWorn: Bool {
        automaton.isExhausted || automaton.stateCount > limits.states / 2
            || automaton.expressions.count > limits.expressions / 4 * 3
            || tokens.count - commonTokens > limits.keptMasks
            || byteCount > limits.tableBytes
    }

    /// Roughly how many bytes all that was learned takes.
    var byteCount: Int {
        automaton.byteCount + tokens.byteCount - commonBytes + stacks.byteCount + situations.byteCount
            + masks.count * vocabulary.count / 8
    }

    /// Whether there is a token that an output can begin with, unless it may be empty.
    var canBegin: Bool {
        mutating get {
            let situation = beginning()
            if situations.isComplete(situation) { return true }
            var mask = TokenMask(count: vocabulary.count)
            // Where the steps don't suffice to tell, the output says so.
            return !allow(situation, &mask) || !mask.isEmpty
        }
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
