/// The deterministic automaton of all expressions of a grammar at once, made while it is walked.
///
/// A state is an expression: what may still come. State 0 has no words, state 1 only the empty one. A state that can't
/// be completed is never reached: state 0 stands for it.
struct LexicalAutomaton: Sendable {
    /// Whether a word may end in a state.
    static let isAccepting: UInt8 = 1
    /// Whether a state is part of a member set's names.
    static let isNames: UInt8 = 2
    /// Whether all transitions of a state are known.
    static let isComplete: UInt8 = 4

    /// What a new state counts for.
    private static let stateSteps = 12

    var expressions: ExpressionTable
    let limits: GrammarLimits
    /// What is special about each state.
    private(set) var flags: [UInt8] = []
    /// The expression of each state.
    private(set) var expressionOfState: [Int32] = []
    /// Whether something had to be left out because of a limit; the automaton shouldn't be used much longer.
    private(set) var isExhausted = false
    /// 256 states for each state, -1 where the transition isn't known yet.
    private var rows: [Int32] = []
    /// For each state and class of bytes the state that all of them lead to, `mixed` if it isn't the same for all, -1
    /// where that isn't known yet.
    private var classRows: [Int32] = []
    private var stateOfExpression: [Int32] = []
    /// Whether expressions that had to be searched have words.
    var verdicts: [Int32: Bool] = [:]

    init(limits: GrammarLimits) {
        self.limits = limits
        expressions = ExpressionTable(limits: limits)
        appendState(0)
        appendState(1)
        for entry in rows.indices { rows[entry] = 0 }
        flags[0] |= Self.isComplete
        flags[1] |= Self.isComplete
    }

    var stateCount: Int { flags.count }

    /// Roughly how many bytes it takes.
    var byteCount: Int { stateCount * (4 * 256 + 4 * ByteClasses.count + 8) + expressions.byteCount }

    /// Makes its tables its own, so that the first step of an output needn't.
    mutating func detach() {
        let room = flags.count + 64
        flags.reserveCapacity(room)
        expressionOfState.reserveCapacity(room)
        rows.reserveCapacity(room * 256)
        classRows.reserveCapacity(room * ByteClasses.count)
        stateOfExpression.reserveCapacity(expressions.count + 256)
        expressions.detach()
    }

    /// Begins to count the steps that one token takes, or as many as some tokens may take.
    mutating func beginToken(budgets: Int = 1) { expressions.stepsLeft = limits.matchSteps * budgets }

    /// Steps that the token has taken.
    var stepsTaken: Int { limits.matchSteps - (expressions.stepsLeft ?? limits.matchSteps) }

    /// Whether one token has taken too many steps.
    var isOverrun: Bool { (expressions.stepsLeft ?? 1) <= 0 }

    /// Counts steps of what isn't an expression's.
    ///
    /// - Returns: whether they may be done.
    mutating func count(steps: Int) -> Bool {
        guard (try? expressions.count(steps: steps)) == nil else { return true }
        isExhausted = true
        return false
    }

    /// The state that an expression is; state 0 for one that surely has no words.
    mutating func state(of expression: Int32) throws(GrammarError) -> Int32 {
        if Int(expression) < stateOfExpression.count, stateOfExpression[Int(expression)] >= 0 {
            return stateOfExpression[Int(expression)]
        }
        guard try isInhabited(expression) else { return 0 }
        guard stateCount < limits.states else {
            throw GrammarError(.limit, "the grammar's expressions need more than \(limits.states) states")
        }
        try expressions.count(steps: Self.stateSteps)
        return appendState(expression)
    }

    /// The state that an expression is; state 0 also for one that is too large to be known.
    mutating func knownState(of expression: Int32) -> Int32 {
        do { return try state(of: expression) } catch {
            isExhausted = true
            return 0
        }
    }

    /// The state behind a byte; 0 where the byte isn't allowed.
    @inline(__always)
    mutating func next(_ state: Int32, _ byte: UInt8) -> Int32 {
        let target = rows[Int(state) << 8 | Int(byte)]
        return target >= 0 ? target : resolve(state, byte)
    }

    /// Stands for several states.
    static let mixed: Int32 = -2

    /// The state behind all bytes of a class, or `mixed`.
    @inline(__always)
    mutating func next(_ state: Int32, class number: UInt8) -> Int32 {
        let target = classRows[Int(state) * ByteClasses.count + Int(number)]
        return target != -1 ? target : resolve(state, class: number)
    }

    private mutating func resolve(_ state: Int32, class number: UInt8) -> Int32 {
        let bytes = ByteClasses.bytes[Int(number)]
        var target = next(state, bytes[0])
        for byte in bytes.dropFirst() where next(state, byte) != target {
            target = Self.mixed
            break
        }
        classRows[Int(state) * ByteClasses.count + Int(number)] = target
        return target
    }

    /// Makes all transitions of a state known.
    mutating func complete(_ state: Int32) {
        guard flags[Int(state)] & Self.isComplete == 0 else { return }
        for byte in UInt8.min ... .max { _ = next(state, byte) }
        if !isExhausted { flags[Int(state)] |= Self.isComplete }
    }

    /// The names' place in a member set, sorted: those that a state may still become, as a range.
    func names(_ state: Int32) -> Range<Int32> {
        let node = expressions.node(expressionOfState[Int(state)])
        let trie = expressions.tries[node.first]
        return trie.lower..<trie.upper
    }

    @discardableResult private mutating func appendState(_ expression: Int32) -> Int32 {
        let state = Int32(flags.count)
        var flag: UInt8 = expressions.isNullable(expression) ? Self.isAccepting : 0
        let node = expressions.node(expression)
        if node.kind == .trie, expressions.tries[node.first].isNames { flag |= Self.isNames }
        flags.append(flag)
        expressionOfState.append(expression)
        rows.append(contentsOf: repeatElement(-1, count: 256))
        classRows.append(contentsOf: repeatElement(-1, count: ByteClasses.count))
        if stateOfExpression.count <= Int(expression) {
            let missing = expressions.count - stateOfExpression.count
            stateOfExpression.append(contentsOf: repeatElement(-1, count: missing))
        }
        stateOfExpression[Int(expression)] = state
        return state
    }

    private mutating func resolve(_ state: Int32, _ byte: UInt8) -> Int32 {
        do {
            let node = expressions.node(expressionOfState[Int(state)])
            switch node.kind {
            case .trie: try fillTrie(state, node.first, byte)
            case .difference: try fillDifference(state, node)
            default: try fill(state, byte)
            }
            return max(0, rows[Int(state) << 8 | Int(byte)])
        } catch {
            // What is too large to be known isn't allowed, which can't make an output wrong.
            isExhausted = true
            return 0
        }
    }

    private mutating func fill(_ state: Int32, _ byte: UInt8) throws(GrammarError) {
        let derivative = try expressions.derivative(expressionOfState[Int(state)], byte)
        let target = try self.state(of: derivative.expression)
        let row = Int(state) << 8
        for byte in derivative.bytes { rows[row | Int(byte)] = target }
    }

    /// Makes the state behind one child: a trie of many words is walked only where tokens go.
    private mutating func fillTrie(_ state: Int32, _ trie: Int32, _ byte: UInt8) throws(GrammarError) {
        let row = Int(state) << 8
        guard let child = expressions.tries.child(trie, byte) else {
            for byte in expressions.tries.bytes(trie).inverted { rows[row | Int(byte)] = 0 }
            return
        }
        let target = try self.state(of: expressions.trieNode(child))
        rows[row | Int(byte)] = target
    }

    /// Copies the transitions of what words are taken from, and changes those that lead to words that are taken out.
    private mutating func fillDifference(_ state: Int32, _ node: ExpressionNode) throws(GrammarError) {
        let whole = try self.state(of: node.first)
        complete(whole)
        if isExhausted { throw GrammarError(.limit, "the grammar's expressions need too many states") }
        let (from, row) = (Int(whole) << 8, Int(state) << 8)
        for byte in 0..<256 { rows[row | byte] = rows[from | byte] }
        for child in expressions.tries[node.second].children {
            let byte = Int(expressions.tries[child].byte)
            let rest = expressionOfState[Int(rows[from | byte])]
            rows[row | byte] = try self.state(of: expressions.difference(rest, child))
        }
        flags[Int(state)] |= Self.isComplete
    }
}
