internal import Synchronization

/// Makes grammars for one vocabulary, and keeps the last ones.
public final class GrammarCompiler: Sendable {
    /// The tokens that outputs are made of.
    public let vocabulary: TokenVocabulary
    /// What a grammar may cost.
    public let limits: GrammarLimits
    /// The automaton of expressions that many grammars have, and what is known of its states.
    private let automaton: LexicalAutomaton
    private let tokens: TokenTables
    private let cache: Mutex<GrammarCache<GrammarSource>>

    /// A compiler; looks at the whole vocabulary, which takes some time.
    ///
    /// - Parameter cacheCapacity: how many grammars are kept at most.
    public init(vocabulary: TokenVocabulary, limits: GrammarLimits = GrammarLimits(), cacheCapacity: Int = 64) {
        self.vocabulary = vocabulary
        self.limits = limits
        let common = CommonExpressions(vocabulary, limits: limits)
        (automaton, tokens) = (common.automaton, common.tokens)
        cache = Mutex(GrammarCache(capacity: cacheCapacity, limits: limits))
    }

    /// The grammar of a source; one that was compiled before if it is still there.
    ///
    /// - Parameter isCancelled: asked every now and then; when true, compiling ends with an error.
    public func compile(
        _ source: GrammarSource,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(GrammarError) -> CompiledGrammar {
        if let known = cache.withLock({ $0[source] }) { return known }
        let grammar = try compile(isCancelled: isCancelled) { (builder) throws(GrammarError) in
            try builder.node(for: source)
        }
        cache.withLock { $0.insert(grammar, for: source, keyBytes: source.byteCount) }
        return grammar
    }

    /// The grammar that a closure builds; it isn't kept.
    ///
    /// - Parameter firstBudgets: How many masks' steps finding its first tokens may take.
    package func compile(
        firstBudgets: Int = 1,
        isCancelled: @escaping @Sendable () -> Bool = { false },
        _ build: (inout GrammarBuilder) throws(GrammarError) -> GrammarNode
    ) throws(GrammarError) -> CompiledGrammar {
        var builder = GrammarBuilder(automaton: automaton, limits: limits, isCancelled: isCancelled)
        builder.automaton.expressions.stepsLeft = limits.compileSteps
        builder.specialNames = vocabulary.specialNames
        let root = try build(&builder)
        return try CompiledGrammar(
            root,
            of: &builder,
            tokens: tokens,
            vocabulary: vocabulary,
            firstBudgets: firstBudgets
        )
    }
}
