/// A part of a grammar, as a number in the builder that made it.
package struct GrammarNode: Sendable, Hashable {
    /// Its number.
    let id: Int32
}

/// What a grammar's node stands for.
enum GrammarNodeKind: Sendable {
    /// Declared and not yet defined.
    case undefined
    /// Another node.
    case alias(Int32)
    /// A word of an expression.
    case terminal(Expression)
    /// Nodes one behind the other.
    case sequence([Int32])
    /// One of several nodes.
    case choice([Int32])
    /// A node `minimum` to `maximum` times (nil: any number).
    case repetition(Int32, minimum: Int32, maximum: Int32?)
    /// Named members in any order, by their place among the grammar's member sets.
    case members(Int32)
}
