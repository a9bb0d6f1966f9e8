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
    private let cache: Mutex<GrammarCache>

    /// A compiler; looks at the whole vocabulary, which takes some time.
    ///
    /// - Parameter cacheCapacity: how many grammars are kept at most.
    public init(vocabulary: TokenVocabulary, limits: GrammarLimits = GrammarLimits(), cacheCapacity: Int = 64) {
        self.vocabulary = vocabulary
        self.limits = limits
        let common = CommonExpressions(vocabulary, limits: limits)
        (automaton, tokens) = (common.automaton, common.tokens)
        cache = Mutex(GrammarCache(capacity: cacheCapacity))
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
        cache.withLock { $0.insert(grammar, for: source) }
        return grammar
    }

    /// The grammar that a closure builds; it isn't kept.
    package func compile(
        isCancelled: @escaping @Sendable () -> Bool = { false },
        _ build: (inout GrammarBuilder) throws(GrammarError) -> GrammarNode
    ) throws(GrammarError) -> CompiledGrammar {
        var builder = GrammarBuilder(automaton: automaton, limits: limits, isCancelled: isCancelled)
        builder.automaton.expressions.stepsLeft = limits.searchSteps
        builder.specialNames = vocabulary.specialNames
        let root = try build(&builder)
        return try CompiledGrammar(root, of: &builder, tokens: tokens, vocabulary: vocabulary)
    }
}

/// The grammars that were used last.
struct GrammarCache: Sendable {
    private let capacity: Int
    private var grammars: [GrammarSource: (grammar: CompiledGrammar, lastUse: Int)] = [:]
    private var clock = 0

    init(capacity: Int) { self.capacity = capacity }

    subscript(_ source: GrammarSource) -> CompiledGrammar? {
        mutating get {
            clock += 1
            grammars[source]?.lastUse = clock
            return grammars[source]?.grammar
        }
    }

    /// Takes in a grammar; the one that wasn't used for longest goes where there are too many.
    mutating func insert(_ grammar: CompiledGrammar, for source: GrammarSource) {
        guard capacity > 0 else { return }
        clock += 1
        if grammars.count >= capacity, grammars[source] == nil,
            let oldest = grammars.min(by: { $0.value.lastUse < $1.value.lastUse })
        {
            grammars[oldest.key] = nil
        }
        grammars[source] = (grammar, clock)
    }
}
