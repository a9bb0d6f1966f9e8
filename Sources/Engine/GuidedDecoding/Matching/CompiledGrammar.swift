internal import Synchronization

/// A grammar that outputs can be matched with; what is learned while that is done is kept for all its matchers.
public final class CompiledGrammar: TokenConstraint {
    let program: GrammarProgram
    private let automaton: LexicalAutomaton
    private let tokens: TokenTables
    private let vocabulary: TokenVocabulary
    private let current: Mutex<MatchTables>
    private let bytes: Atomic<Int>

    init(
        _ root: GrammarNode,
        of builder: inout GrammarBuilder,
        tokens: TokenTables,
        vocabulary: TokenVocabulary,
        firstBudgets: Int
    ) throws(GrammarError) {
        program = try GrammarProgram(root, of: &builder)
        automaton = builder.automaton
        self.tokens = tokens
        self.vocabulary = vocabulary
        var state = MatchState(program: program, automaton: automaton, tokens: tokens, vocabulary: vocabulary)
        // Whoever compiles finds the first mask, which nobody need wait for then.
        guard state.canBegin(budgets: firstBudgets) || vocabulary.spellsAllText else {
            throw GrammarError(.unsatisfiable, "no tokens of the model spell what the grammar begins with")
        }
        bytes = Atomic(state.byteCount)
        current = Mutex(MatchTables(state))
    }

    /// A matcher at the beginning of an output.
    public func makeMatcher() -> any TokenMatcher { GrammarMatcher(self) }

    /// Number of tokens.
    var vocabularySize: Int { vocabulary.count }

    /// Roughly how many bytes it takes with what was learned, as far as that was told.
    var byteCount: Int { bytes.load(ordering: .relaxed) }

    /// Takes note of how many bytes some tables take, unless others have replaced them.
    func note(byteCount: Int, of tables: MatchTables) {
        current.withLock { if $0 === tables { bytes.store(byteCount, ordering: .relaxed) } }
    }

    /// The tables that new matchers use.
    var tables: MatchTables { current.withLock { $0 } }

    /// New tables instead of some that have grown too large; others may have been made already.
    func tables(insteadOf worn: MatchTables) -> MatchTables {
        current.withLock { tables in
            if tables === worn || tables.withState({ $0.isSpent }) {
                let state = MatchState(program: program, automaton: automaton, tokens: tokens, vocabulary: vocabulary)
                bytes.store(state.byteCount, ordering: .relaxed)
                tables = MatchTables(state)
            }
            return tables
        }
    }
}

/// What is learned about a grammar, to be used by one matcher at a time.
final class MatchTables: Sendable {
    private let state: Mutex<MatchState>

    init(_ state: MatchState) { self.state = Mutex(state) }

    /// Calls `body` with the state, alone.
    func withState<Result: Sendable>(_ body: (inout MatchState) -> Result) -> Result {
        state.withLock { state in body(&state) }
    }
}
