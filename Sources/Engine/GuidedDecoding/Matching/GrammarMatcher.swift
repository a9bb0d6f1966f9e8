/// Where one output stands in a grammar.
struct GrammarMatcher: TokenMatcher {
    private let grammar: CompiledGrammar
    private var tables: MatchTables
    private var situation: Int32
    /// The output so far, to be read again where tables are replaced.
    private var output: [Int32] = []
    /// Until the output has so many tokens, tables that aren't spent are kept: to read it again took too much.
    private var keepsUntil = 0
    /// The mask of a situation that `forced` has come to.
    private var foreseen: (situation: Int32, mask: TokenMask)?
    private(set) var isComplete: Bool
    private(set) var failure: String?

    init(_ grammar: CompiledGrammar) {
        self.grammar = grammar
        tables = grammar.tables
        let isOverrun: Bool
        (situation, isComplete, isOverrun) = tables.withState { state in
            let situation = state.beginning()
            return (situation, state.situations.isComplete(situation), state.automaton.isOverrun)
        }
        if isOverrun { fail() }
    }

    mutating func allow(_ mask: inout TokenMask) {
        if let foreseen, foreseen.situation == situation, mask.count == foreseen.mask.count {
            mask = foreseen.mask
            return
        }
        renewIfWorn()
        let (tables, situation) = (tables, situation)
        let (isFound, byteCount) = tables.withState { state in (state.allow(situation, &mask), state.byteCount) }
        grammar.note(byteCount: byteCount, of: tables)
        if !isFound { fail() }
    }

    mutating func advance(_ token: Int32) -> Bool {
        renewIfWorn()
        var next = Self.advance(tables, situation, token)
        // A token may be refused only because there was no room for what it leads to.
        if next == nil, renewIfWorn() { next = Self.advance(tables, situation, token) }
        guard let next else {
            if tables.withState({ $0.automaton.isOverrun }) { fail() }
            return false
        }
        (situation, isComplete) = next
        output.append(token)
        return true
    }

    /// Steps after which no more tokens are forced at once.
    private static let forcedSteps = 20_000

    /// The tokens that have no alternative: those that sampling would choose as well, because masks allow nothing else.
    mutating func forced(limit: Int) -> [Int32] {
        var ahead = self
        var tokens: [Int32] = []
        var mask = TokenMask(count: grammar.vocabularySize)
        // What takes long to find is left to the next step, so that others needn't wait for all of it at once.
        var steps = Self.forcedSteps
        while tokens.count < limit, !ahead.isComplete, steps > 0 {
            ahead.allow(&mask)
            steps -= ahead.tables.withState { $0.lastSteps }
            guard let token = mask.onlyToken, ahead.advance(token) else {
                // What may come behind the tokens is asked for next.
                if ahead.tables === tables, ahead.failure == nil { foreseen = (ahead.situation, mask) }
                break
            }
            tokens.append(token)
        }
        return tokens
    }

    private mutating func fail() {
        failure = "finding out what may come next under the grammar takes more steps than the limits allow"
    }

    private static func advance(_ tables: MatchTables, _ situation: Int32, _ token: Int32) -> (Int32, Bool)? {
        tables.withState { state in
            guard let next = state.advance(situation, token) else { return nil }
            return (next, state.situations.isComplete(next))
        }
    }

    /// Goes over to new tables where those in use have grown too large.
    ///
    /// - Returns: whether it did.
    @discardableResult private mutating func renewIfWorn() -> Bool {
        guard failure == nil else { return false }
        let worn = tables
        let (isWorn, isSpent) = worn.withState { state in
            state.forgetMasksIfMany()
            return (state.isWorn, state.isSpent)
        }
        guard isWorn, isSpent || output.count >= keepsUntil else { return false }
        let fresh = grammar.tables(insteadOf: worn)
        let found = fresh.withState { [output] state in state.situation(behind: output, isUrgent: isSpent) }
        guard let place = found else {
            if isSpent { fail() } else { keepsUntil = 2 * output.count + 1 }
            return false
        }
        tables = fresh
        situation = place
        foreseen = nil
        return true
    }
}

extension TokenMask {
    /// The token that is allowed, if it is exactly one.
    fileprivate var onlyToken: Int32? {
        var found: Int32?
        for (index, word) in words.enumerated() where word != 0 {
            guard found == nil, word & (word - 1) == 0 else { return nil }
            found = Int32(index * 64 + word.trailingZeroBitCount)
        }
        return found
    }
}
