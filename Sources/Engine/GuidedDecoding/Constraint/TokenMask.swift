/// Which tokens of a vocabulary may come next: one bit for each token id, set where the token is allowed.
public struct TokenMask: Sendable, Hashable {
    /// Number of tokens.
    public let count: Int
    /// The bits, token 0 in the lowest of the first word; bits at `count` and beyond are 0.
    public private(set) var words: [UInt64]

    /// A mask for `count` tokens that allows all of them or none.
    public init(count: Int, allowingAll: Bool = false) {
        self.count = max(0, count)
        words = [UInt64](repeating: 0, count: (self.count + 63) / 64)
        if allowingAll { allowAll() }
    }

    /// Whether a token is allowed; ids outside of the vocabulary aren't.
    public subscript(_ token: Int32) -> Bool {
        get {
            guard token >= 0, Int(token) < count else { return false }
            return words[Int(token) / 64] >> UInt64(Int(token) % 64) & 1 == 1
        }
        set {
            guard token >= 0, Int(token) < count else { return }
            let bit: UInt64 = 1 << UInt64(Int(token) % 64)
            if newValue { words[Int(token) / 64] |= bit } else { words[Int(token) / 64] &= ~bit }
        }
    }

    /// Number of allowed tokens.
    public var allowedCount: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// Whether no token is allowed.
    public var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    /// The tokens that aren't allowed; `nil` where there are more than some.
    func refused(atMost limit: Int) -> [Int32]? {
        guard count - allowedCount <= limit else { return nil }
        var tokens: [Int32] = []
        for (index, word) in words.enumerated() {
            var rest = ~word
            while rest != 0 {
                let token = index * 64 + rest.trailingZeroBitCount
                if token < count { tokens.append(Int32(token)) }
                rest &= rest - 1
            }
        }
        return tokens
    }

    /// Allows all tokens.
    public mutating func allowAll() {
        for index in words.indices { words[index] = .max }
        if count % 64 != 0 { words[words.count - 1] = (1 << UInt64(count % 64)) - 1 }
    }

    /// Allows no token.
    public mutating func removeAll() {
        for index in words.indices { words[index] = 0 }
    }

    /// Allows also what another mask of the same vocabulary allows.
    public mutating func formUnion(_ other: TokenMask) {
        for index in words.indices where index < other.words.count { words[index] |= other.words[index] }
    }

    /// Allows only what another mask of the same vocabulary allows too.
    public mutating func formIntersection(_ other: TokenMask) {
        for index in words.indices { words[index] &= index < other.words.count ? other.words[index] : 0 }
    }

    /// Allows no more what another mask of the same vocabulary allows.
    mutating func subtract(_ other: TokenMask) {
        for index in words.indices where index < other.words.count { words[index] &= ~other.words[index] }
    }

    /// Calls `body` with the words, to be written in place; bits at `count` and beyond must stay 0.
    public mutating func withWords<Result>(_ body: (UnsafeMutableBufferPointer<UInt64>) -> Result) -> Result {
        words.withUnsafeMutableBufferPointer { body($0) }
    }
}
