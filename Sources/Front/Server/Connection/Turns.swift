import NIOCore

/// Answers requests that were sent ahead a few at a time, of all connections of an event loop in turn.
///
/// An event loop looks at its sockets only when none of its tasks is due, so clients that send thousands of requests
/// ahead could keep everybody else from being heard; between two turns there is always time for that.
final class Turns {
    /// Replies of one turn.
    private static let batch = 32
    /// From the end of one turn to the next.
    private static let pause = TimeAmount.milliseconds(2)

    private let eventLoop: any EventLoop
    private let next = Deadline()
    private var waiting = CircularBuffer<() -> Void>()
    private var isTaken = false

    init(on eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// Does something when its turn comes.
    func wait(_ act: @escaping () -> Void) {
        waiting.append(act)
        if !isTaken, !next.isSet { scheduleNext() }
    }

    private func take() {
        isTaken = true
        for _ in 0..<min(Self.batch, waiting.count) { waiting.removeFirst()() }
        isTaken = false
        if !waiting.isEmpty { scheduleNext() }
    }

    private func scheduleNext() { next.set(in: Self.pause, on: eventLoop) { self.take() } }
}
