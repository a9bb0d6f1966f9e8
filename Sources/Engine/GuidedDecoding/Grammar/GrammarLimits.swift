/// What a grammar may cost at most; all that a client sends meets one of these.
public struct GrammarLimits: Sendable, Hashable {
    /// Bytes of a grammar's source.
    public var sourceBytes = 1 << 20
    /// Parts of regular expressions that a grammar may be made of, derived ones included.
    public var expressions = 200_000
    /// Levels that expressions and sources may be nested.
    public var depth = 500
    /// States of the automata that expressions turn into.
    public var states = 40_000
    /// States that are looked at to find out whether an expression matches anything.
    public var searchedStates = 20_000
    /// Steps that compiling a grammar may take: reading it, putting its parts together, and finding out which match.
    ///
    /// A step is about a tenth of a microsecond.
    public var compileSteps = 700_000
    /// Nodes of a grammar.
    public var nodes = 200_000
    /// How often something may be asked to repeat.
    public var repetitions = 1_000_000
    /// Ways in which an output may be read at the same time; further ones are forgotten.
    public var readings = 512
    /// Nodes of the vocabulary that may be looked at to find the tokens that may come next, once for each reading.
    public var maskSteps = 300_000
    /// Steps that finding out what may follow may take for one token, or for the tokens that may come next.
    public var matchSteps = 80_000
    /// Sets of tokens that are kept for one grammar.
    public var keptMasks = 1_000
    /// Bytes of what is learned about one grammar while outputs are matched with it, roughly.
    public var tableBytes = 48 << 20
    /// Bytes of all grammars that are kept for requests to come, roughly.
    public var cacheBytes = 256 << 20

    /// The limits that servers start with.
    public init() {}
}
