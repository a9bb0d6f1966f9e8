/// What a state of the automaton alone says of all tokens, whatever comes after its expression.
final class StateTokens: Sendable {
    /// The tokens that the expression itself can go on with.
    let inside: Inside
    /// The tokens within which a word of the expression ends with a JSON string's quote.
    let quoted: Inside
    /// Nodes of the vocabulary, not behind such a quote, at which a word of the expression ends.
    let exits: [Int32]
    /// Whether there are too many such nodes to list them.
    let endsAnywhere: Bool

    /// A set of tokens, in the form that takes less room.
    enum Inside: Sendable {
        case list([Int32])
        case bits(TokenMask)
        /// A mask that other sets have too, and further tokens.
        case both(TokenMask, [Int32])

        /// A set of the tokens of a mask.
        init(_ mask: TokenMask) {
            let count = mask.allowedCount
            self = .bits(mask)
            guard count <= mask.count / 64 else { return }
            var tokens: [Int32] = []
            tokens.reserveCapacity(count)
            for (index, word) in mask.words.enumerated() {
                var rest = word
                while rest != 0 {
                    tokens.append(Int32(index * 64 + rest.trailingZeroBitCount))
                    rest &= rest - 1
                }
            }
            self = .list(tokens)
        }

        /// Whether no token is in the set.
        var isEmpty: Bool {
            if case .list(let tokens) = self { tokens.isEmpty } else { false }
        }

        /// Roughly how many bytes it takes; a mask that other sets have too isn't counted.
        var byteCount: Int {
            switch self {
            case .list(let tokens), .both(_, let tokens): tokens.count * 4
            case .bits(let mask): mask.count / 8
            }
        }

        /// Adds the tokens of the set to a mask.
        func add(to mask: inout TokenMask) {
            switch self {
            case .list(let tokens): for token in tokens { mask[token] = true }
            case .bits(let other): mask.formUnion(other)
            case .both(let other, let tokens):
                mask.formUnion(other)
                for token in tokens { mask[token] = true }
            }
        }
    }

    /// Roughly how many bytes it takes.
    var byteCount: Int { inside.byteCount + quoted.byteCount + exits.count * 4 }

    init(inside: Inside, quoted: Inside, exits: [Int32], endsAnywhere: Bool) {
        self.inside = inside
        self.quoted = quoted
        self.exits = exits
        self.endsAnywhere = endsAnywhere
    }
}

/// What is known of a state: what is known of another, but for some tokens.
struct StateKnowledge: Sendable {
    let reference: StateTokens
    /// The tokens of which the reference may not be right.
    var exceptions: [Int32] = []

    /// Roughly how many bytes it takes, what is shared with others counted again.
    var byteCount: Int { 128 + exceptions.count * 4 + reference.byteCount }
}

/// What is known of the automaton's states, by their expressions.
struct TokenTables: Sendable {
    /// The tokens by what is left of them behind the quote that ends a JSON string.
    let quotes: QuoteExits
    private var known: [Int32: StateKnowledge] = [:]
    /// Any text that escapes only what has to be escaped, before the quote that ends a JSON string: its expression, and
    /// the tokens that stay inside.
    var text: (expression: Int32, inside: TokenMask)?
    /// Expressions that nothing could be said of quickly.
    private var isUnknown: Set<Int32> = []

    init(quotes: QuoteExits) { self.quotes = quotes }

    /// What is known of an expression's state.
    subscript(_ expression: Int32) -> StateKnowledge? {
        get { known[expression] }
        set {
            byteCount += (newValue?.byteCount ?? 0) - (known[expression]?.byteCount ?? 0)
            known[expression] = newValue
        }
    }

    /// Roughly how many bytes it takes.
    private(set) var byteCount = 0

    /// Of how many expressions something is known.
    var count: Int { known.count }

    /// Whether an expression was looked at in vain.
    func wasTried(_ expression: Int32) -> Bool { isUnknown.contains(expression) }
    mutating func markTried(_ expression: Int32) { isUnknown.insert(expression) }
}
