/// Why a grammar can't be used, in words for the person who wrote it.
public struct GrammarError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of trouble it is.
    public enum Reason: Sendable, Hashable {
        /// The source isn't well formed.
        case syntax
        /// The source asks for something that can't be honoured.
        case unsupported
        /// No output obeys the grammar.
        case unsatisfiable
        /// A limit was exceeded.
        case limit
        /// The caller doesn't need the grammar any more.
        case cancelled
    }

    /// What kind of trouble it is.
    public let reason: Reason
    /// What is wrong, where, and the limit if one was exceeded.
    public let message: String

    /// An error with a message for people.
    public init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
