/// Everything that is learned while outputs are matched with a grammar; shared by its matchers, one at a time.
struct MatchState: Sendable {
    let program: GrammarProgram
    let vocabulary: TokenVocabulary
    let limits: GrammarLimits
    var automaton: LexicalAutomaton
    var stacks = StackTable()
    var tokens: TokenTables
    /// What was known before, which all grammars share.
    private let common: TokenTables
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
        common = tokens
        limits = automaton.limits
        self.automaton.detach()
    }

    /// Whether so much was learned that it is better to begin anew.
    var isWorn: Bool {
        isSpent || automaton.stateCount > limits.states / 2
            || automaton.expressions.count > limits.expressions / 4 * 3
            || byteCount > limits.tableBytes
    }

    /// Whether outputs can't go on without new tables.
    var isSpent: Bool { automaton.isExhausted || byteCount > 2 * limits.tableBytes }

    /// Roughly how many bytes all that was learned takes.
    var byteCount: Int { automaton.byteCount + maskBytes + stacks.byteCount + situations.byteCount }

    private var maskBytes: Int { tokens.byteCount - common.byteCount + masks.count * vocabulary.count / 8 }

    /// Forgets the sets of tokens where they are too many: they can be found again wherever an output stands.
    mutating func forgetMasksIfMany() {
        guard
            tokens.count - common.count > limits.keptMasks
                || byteCount > limits.tableBytes && maskBytes > limits.tableBytes / 4
        else { return }
        tokens = common
        masks = MaskCache()
    }

    /// Finds the tokens that an output can begin with, in as many masks' steps.
    ///
    /// - Returns: whether there is one, unless the output may be empty.
    mutating func canBegin(budgets: Int) -> Bool {
        let situation = beginning()
        var mask = TokenMask(count: vocabulary.count)
        // Where the steps don't suffice to tell, the output says so.
        return !allow(situation, &mask, budgets: budgets) || !mask.isEmpty || situations.isComplete(situation)
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
