import NIOCore

/// How long a connection waits, and for what.
struct ConnectionTimings: Sendable {
    /// From the connection's beginning or its last answer to the end of a request's head.
    var idle: TimeAmount
    /// From a request's head to the end of its body.
    var body: TimeAmount
    /// Until the client takes something of what it was sent.
    var unread: TimeAmount
    /// Silence at the beginning of a stream before its first comment.
    var firstComment: TimeAmount
    /// Silence before each further comment.
    var comment: TimeAmount
    /// From our end of the connection to the client's, so that it can read our last answer.
    var linger: TimeAmount

    init(_ configuration: ServingConfiguration) {
        idle = Self.seconds(configuration.idleTimeout)
        body = Self.seconds(configuration.bodyTimeout)
        unread = Self.seconds(configuration.unreadTimeout)
        firstComment = Self.seconds(configuration.firstCommentDelay)
        comment = Self.seconds(configuration.commentInterval)
        linger = min(idle, .seconds(2))
    }

    private static func seconds(_ seconds: Double) -> TimeAmount {
        .nanoseconds(Int64(exactly: (seconds * 1e9).rounded()) ?? .max)
    }
}
