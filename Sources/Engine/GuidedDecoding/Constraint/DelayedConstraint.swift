/// A constraint that begins to hold behind some tokens, such as those that end a model's thinking; before them anything
/// may come but the end.
public struct DelayedConstraint: TokenConstraint {
    /// What holds behind the tokens.
    private let constraint: any TokenConstraint
    /// The tokens.
    private let tokens: [Int32]

    /// A constraint that holds behind the first time that all of `tokens` come in a row; at once if there are none.
    public init(_ constraint: any TokenConstraint, behind tokens: [Int32]) {
        self.constraint = constraint
        self.tokens = tokens
    }

    /// A matcher at the beginning of an output.
    public func makeMatcher() -> any TokenMatcher {
        tokens.isEmpty ? constraint.makeMatcher() : Matcher(wait: tokens, inner: constraint.makeMatcher())
    }

    private struct Matcher: TokenMatcher {
        /// The tokens that are waited for.
        let wait: [Int32]
        /// The matcher of what holds behind them.
        var inner: any TokenMatcher
        /// The last tokens, as many as are waited for at most; nil when they have come.
        var last: [Int32]? = []

        var isComplete: Bool { last == nil && inner.isComplete }

        var failure: String? { last == nil ? inner.failure : nil }

        mutating func allow(_ mask: inout TokenMask) {
            if last == nil { inner.allow(&mask) } else { mask.allowAll() }
        }

        mutating func advance(_ token: Int32) -> Bool {
            guard var tokens = last else { return inner.advance(token) }
            if tokens.count == wait.count { tokens.removeFirst() }
            tokens.append(token)
            last = tokens == wait ? nil : tokens
            return true
        }

        mutating func forced(limit: Int) -> [Int32] { last == nil ? inner.forced(limit: limit) : [] }
    }
}
