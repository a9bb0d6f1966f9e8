/// What an output has to obey, such as a grammar; immutable, and shared by all that obey it.
public protocol TokenConstraint: Sendable {
    /// A matcher at the beginning of an output.
    func makeMatcher() -> any TokenMatcher
}

/// Where one output stands in its constraint; a value, so that a copy goes on by itself.
///
/// What it allows depends on the constraint and on the tokens so far alone. End-of-sequence tokens are the engine's: it
/// allows them where `isComplete`, and a matcher never sees them.
public protocol TokenMatcher: Sendable {
    /// Whether the output may end here.
    var isComplete: Bool { get }

    /// Writes to `mask` which tokens may come next; none where nothing but the end may.
    mutating func allow(_ mask: inout TokenMask)

    /// Why the output can't go on, in words for the person who asked for it, where finding out what may come next takes
    /// more than the limits; nothing is allowed then.
    var failure: String? { get }

    /// Goes on by a token.
    ///
    /// - Returns: whether it was allowed; when not, the matcher stays where it was.
    mutating func advance(_ token: Int32) -> Bool

    /// The tokens that come next in any case, at most `limit`, and without going on; empty where there is a choice.
    ///
    /// They are those in which the tokenizer would cut the forced text; the last is left out while what follows could
    /// change it.
    mutating func forced(limit: Int) -> [Int32]
}
