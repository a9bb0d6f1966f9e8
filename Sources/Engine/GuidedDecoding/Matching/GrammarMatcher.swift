/// Where one output stands in a grammar.
struct GrammarMatcher: TokenMatcher {
    private let grammar: CompiledGrammar
    private var tables: MatchTables
    private var situation: Int32
    /// The output so far, to be read again where tables are replaced.
    private var output: [Int32] = []
    private(set) var isComplete: Bool

    init(_ grammar: CompiledGrammar) {
        self.grammar = grammar
        tables = grammar.tables
        (situation, isComplete) = tables.withState { state in
            let situation = state.beginning()
            return (situation, state.situations.isComplete(situation))
        }
    }

    mutating func allow(_ mask: inout TokenMask) {
        renewIfWorn()
        let (tables, situation) = (tables, situation)
        tables.withState { state in state.allow(situation, &mask) }
    }

    mutating func advance(_ token: Int32) -> Bool {
        renewIfWorn()
        var next = Self.advance(tables, situation, token)
        // A token may be refused only because there was no room for what it leads to.
        if next == nil, renewIfWorn() { next = Self.advance(tables, situation, token) }
        guard let next else { return false }
        (situation, isComplete) = next
        output.append(token)
        return true
    }

    /// The tokens that have no alternative: those that sampling would choose as well, because masks allow nothing else.
    mutating func forced(limit: Int) -> [Int32] {
        var ahead = self
        var tokens: [Int32] = []
        var mask = TokenMask(count: grammar.vocabularySize)
        while tokens.count < limit, !ahead.isComplete {
            ahead.allow(&mask)
            guard let token = mask.onlyToken, ahead.advance(token) else { break }
            tokens.append(token)
        }
        return tokens
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
        let worn = tables
        guard worn.withState({ $0.isWorn }) else { return false }
        let fresh = grammar.tables(insteadOf: worn)
        var place = fresh.withState { $0.beginning() }
        for token in output {
            guard let next = Self.advance(fresh, place, token) else { return false }
            place = next.0
        }
        tables = fresh
        situation = place
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
