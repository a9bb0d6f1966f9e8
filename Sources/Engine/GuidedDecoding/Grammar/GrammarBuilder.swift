/// Makes a grammar: expressions (regular languages over bytes) are the leaves, nodes put them together.
///
///     var builder = GrammarBuilder()
///     let digit = try builder.byte(in: ByteSet(UInt8(ascii: "0")...UInt8(ascii: "9")))
///     let number = try builder.terminal(builder.repetition(digit, 1...))
///     let list = builder.declare()                       // list = "(" (number | list)* ")"
///     let item = try builder.choice([number, list])
///     try builder.define(list, as: builder.sequence([
///         builder.literal("("), builder.repetition(item, 0, nil), builder.literal(")")]))
///
/// Words and nodes that can't be completed are left out when the grammar is compiled, so alternatives that turn out to be
/// impossible (`Expression.nothing`, `choice([])`) do no harm. What is regular is cheaper as one expression than as nodes.
package struct GrammarBuilder: Sendable {
    /// What the grammar may cost.
    package let limits: GrammarLimits
    /// The expressions and the automata made of them so far.
    var automaton: LexicalAutomaton
    var nodes: [GrammarNodeKind] = []
    var memberSets: [MemberSet] = []
    /// The names of the vocabulary's special tokens.
    var specialNames: Set<[UInt8]> = []
    private let isCancelled: @Sendable () -> Bool
    private var untilPoll = 0

    /// A builder without a node.
    ///
    /// - Parameter isCancelled: asked every now and then; when true, building ends with an error.
    package init(limits: GrammarLimits = GrammarLimits(), isCancelled: @escaping @Sendable () -> Bool = { false }) {
        self.init(automaton: LexicalAutomaton(limits: limits), limits: limits, isCancelled: isCancelled)
    }

    init(automaton: LexicalAutomaton, limits: GrammarLimits, isCancelled: @escaping @Sendable () -> Bool) {
        self.automaton = automaton
        self.limits = limits
        self.isCancelled = isCancelled
    }

    /// Counts steps of compiling; throws when none are left, or if the caller has lost interest.
    ///
    /// To be called in every loop over a source.
    package mutating func poll(_ steps: Int = 4) throws(GrammarError) {
        try automaton.expressions.count(steps: steps)
        untilPoll -= 1
        guard untilPoll < 0 else { return }
        untilPoll = 64
        if isCancelled() { throw GrammarError(.cancelled, "the grammar isn't needed any more") }
    }

    /// Steps of compiling that are left.
    var stepsLeft: Int {
        get { automaton.expressions.stepsLeft ?? limits.compileSteps }
        set { if automaton.expressions.stepsLeft != nil { automaton.expressions.stepsLeft = newValue } }
    }

    // MARK: Nodes

    /// A word of an expression.
    package mutating func terminal(_ expression: Expression) throws(GrammarError) -> GrammarNode {
        try append(.terminal(expression))
    }

    /// Exactly this text.
    package mutating func terminal(_ text: String) throws(GrammarError) -> GrammarNode {
        try terminal(literal(text))
    }

    /// Nodes one behind the other; an empty list matches the empty text.
    package mutating func sequence(_ parts: [GrammarNode]) throws(GrammarError) -> GrammarNode {
        if parts.count == 1 { return parts[0] }
        try poll(parts.count)
        return try append(.sequence(parts.map(\.id)))
    }

    /// One of several nodes; an empty list matches nothing at all.
    package mutating func choice(_ alternatives: [GrammarNode]) throws(GrammarError) -> GrammarNode {
        if alternatives.count == 1 { return alternatives[0] }
        try poll(alternatives.count)
        return try append(.choice(alternatives.map(\.id)))
    }

    /// A node `minimum` to `maximum` times, any number where `maximum` is nil; counted, not unrolled.
    package mutating func repetition(
        _ node: GrammarNode,
        _ minimum: Int,
        _ maximum: Int?
    ) throws(GrammarError) -> GrammarNode {
        let (minimum, maximum) = try checkedCounts(minimum, maximum)
        return try append(.repetition(node.id, minimum: minimum, maximum: maximum))
    }

    /// `item (separator item)*` with `minimum` to `maximum` items; the empty text counts as no item.
    package mutating func list(
        of item: GrammarNode,
        separator: Expression,
        _ minimum: Int,
        _ maximum: Int?
    ) throws(GrammarError) -> GrammarNode {
        if let maximum, maximum < max(1, minimum) {
            return minimum == 0 ? try sequence([]) : try choice([])
        }
        let next = try sequence([terminal(separator), item])
        let rest = try repetition(next, max(0, minimum - 1), maximum.map { $0 - 1 })
        let some = try sequence([item, rest])
        return minimum == 0 ? try choice([sequence([]), some]) : some
    }

    /// Members in any order.
    package mutating func members(_ set: MemberSet) throws(GrammarError) -> GrammarNode {
        memberSets.append(set)
        return try append(.members(Int32(memberSets.count - 1)))
    }

    /// A node that `define` gives its meaning later, for grammars that contain themselves.
    package mutating func declare() throws(GrammarError) -> GrammarNode { try append(.undefined) }

    /// Says what a declared node stands for; a node that never gets a meaning matches nothing.
    ///
    /// A node may contain itself anywhere but at its own beginning.
    package mutating func define(_ node: GrammarNode, as meaning: GrammarNode) {
        nodes[Int(node.id)] = .alias(meaning.id)
    }

    private mutating func append(_ kind: GrammarNodeKind) throws(GrammarError) -> GrammarNode {
        try poll()
        guard nodes.count < limits.nodes else {
            throw GrammarError(.limit, "the grammar has more than \(limits.nodes) parts")
        }
        nodes.append(kind)
        return GrammarNode(id: Int32(nodes.count - 1))
    }

    func checkedCounts(_ minimum: Int, _ maximum: Int?) throws(GrammarError) -> (Int32, Int32?) {
        guard max(minimum, maximum ?? 0) <= limits.repetitions else {
            throw GrammarError(
                .limit,
                "the grammar repeats something \(max(minimum, maximum ?? 0)) times; the limit is \(limits.repetitions)"
            )
        }
        return (Int32(max(0, minimum)), maximum.map { Int32(max(0, $0)) })
    }
}
