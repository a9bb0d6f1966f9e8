import NIOCore

/// When a connection's handler acts on silence.
struct ConnectionTimings: Sendable {
    /// Longest time from a request's head to the end of its body.
    var body: TimeAmount
    /// Silence at the beginning of a stream before its first comment.
    var firstComment: TimeAmount
    /// Silence before each further comment.
    var comment: TimeAmount

    init(_ configuration: ServingConfiguration) {
        body = .nanoseconds(Int64(configuration.bodyTimeout * 1e9))
        firstComment = .nanoseconds(Int64(configuration.firstCommentDelay * 1e9))
        comment = .nanoseconds(Int64(configuration.commentInterval * 1e9))
    }
}
