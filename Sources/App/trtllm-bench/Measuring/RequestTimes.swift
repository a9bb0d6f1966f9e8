/// When one request began and when each piece of its answer came.
package struct RequestTimes: Sendable {
    /// When the request was sent.
    package let start: ContinuousClock.Instant
    /// When each piece came; with an engine in process a piece is a token, a server may join some.
    package var pieces: [ContinuousClock.Instant] = []
    /// Generated tokens.
    package var tokenCount = 0

    /// A request that begins now, or at another time.
    package init(start: ContinuousClock.Instant = .now) { self.start = start }

    /// Milliseconds to the first piece; `nil` if none came.
    package var timeToFirstToken: Double? { pieces.first.map { start.duration(to: $0).milliseconds } }

    /// Milliseconds to the last piece; `nil` if none came.
    package var endToEnd: Double? { pieces.last.map { start.duration(to: $0).milliseconds } }

    /// Mean milliseconds from one token to the next; `nil` for fewer than two tokens.
    package var timePerOutputToken: Double? {
        guard let first = pieces.first, let last = pieces.last, tokenCount > 1 else { return nil }
        return first.duration(to: last).milliseconds / Double(tokenCount - 1)
    }

    /// Milliseconds from each piece to the next.
    package var interTokenLatencies: [Double] {
        zip(pieces, pieces.dropFirst()).map { $0.duration(to: $1).milliseconds }
    }
}

extension Duration {
    /// The duration in milliseconds.
    var milliseconds: Double { self / .milliseconds(1) }
}
