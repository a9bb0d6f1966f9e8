/// What a state of the automaton alone says of all tokens, whatever comes after its expression.
final class StateTokens: Sendable {
    /// The tokens that the expression itself can go on with.
    let inside: Inside
    /// Nodes of the vocabulary at which a word of the expression has ended, each with many tokens below.
    let exits: [Int32]
    /// What is left of all other tokens within which a word of the expression has ended.
    let suffixes: TokenTrie

    /// A set of tokens, in the form that takes less room.
    enum Inside: Sendable {
        case list([Int32])
        case bits(TokenMask)
    }

    init(inside: Inside, exits: [Int32], suffixes: TokenTrie) {
        self.inside = inside
        self.exits = exits
        self.suffixes = suffixes
    }
}

/// What is known of a state: what is known of another, but for some tokens.
struct StateKnowledge: Sendable {
    let reference: StateTokens
    /// The tokens of which the reference may not be right.
    var exceptions: [Int32] = []
}

/// What is known of the automaton's states.
struct TokenTables: Sendable {
    private var known: [Int32: StateKnowledge] = [:]
    /// States that nothing could be said of quickly.
    private var isUnknown: Set<Int32> = []

    /// What is known of a state.
    subscript(_ state: Int32) -> StateKnowledge? {
        get { known[state] }
        set { known[state] = newValue }
    }

    /// Whether a state was looked at in vain.
    func wasTried(_ state: Int32) -> Bool { isUnknown.contains(state) }
    mutating func markTried(_ state: Int32) { isUnknown.insert(state) }

    /// Adds the tokens of a set to a mask.
    static func add(_ inside: StateTokens.Inside, to mask: inout TokenMask) {
        switch inside {
        case .list(let tokens): for token in tokens { mask[token] = true }
        case .bits(let other): mask.formUnion(other)
        }
    }
}
