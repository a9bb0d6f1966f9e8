/// What a text is cut by.
enum SplitPattern: Sendable {
    case literal([UInt32])
    case expression(RegularExpression)
    /// Published expressions written by hand, whose matches cover every text.
    case stages([SplitStage])

    func split(
        _ text: inout SplitText,
        _ behavior: SplitBehavior,
        isInverted: Bool,
        _ poll: inout CancellationPoll,
    ) {
        switch self {
        case .literal(let key):
            text.split(behavior, isInverted: isInverted, &poll) { window, _, body in
                Self.find(key, in: window, body)
            }
        case .expression(let expression):
            var matcher = expression.matcher()
            text.split(behavior, isInverted: isInverted, &poll) { window, poll, body in
                matcher.forEachMatch(in: window, &poll, body)
            }
        case .stages(let stages): text.split(stages, &poll)
        }
    }

    private static func find(_ key: [UInt32], in window: SplitWindow, _ body: (Range<Int>) -> Void) {
        guard let lead = key.first else { return }
        var place = window.from
        while place + key.count <= window.to {
            let isThere =
                window.scalar(place) == lead && key.indices.allSatisfy { window.scalar(place + $0) == key[$0] }
            if isThere { body(place..<place + key.count) }
            place += isThere ? key.count : 1
        }
    }
}
