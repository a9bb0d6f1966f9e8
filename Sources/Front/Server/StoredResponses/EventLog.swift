import Synchronization

/// The events of a response that is made in the background, as they were written: any number of readers, each from any
/// event on, for as long as the log is held.
final class EventLog: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        /// Where each event ends in the bytes; its place is its `sequence_number`.
        var ends: [Int] = []
        var isFinished = false
        /// Sent when there is more than there was.
        var growth = Signal<Void>()
    }

    /// What a reader gets at a time.
    struct Part: Sendable {
        /// Whole events.
        var bytes: [UInt8]
        /// The number of the first event behind them.
        var next: Int
    }

    private let state = Mutex(State())

    /// What it holds, in bytes.
    var byteCount: Int { state.withLock { $0.bytes.count } }

    /// Appends whole events.
    func append(_ events: [UInt8]) {
        guard !events.isEmpty else { return }
        change { state in
            let newline = UInt8(ascii: "\n")
            for byte in events {
                // A blank line ends an event; what is inside it has none.
                let isEnd = byte == newline && state.bytes.last == newline
                state.bytes.append(byte)
                if isEnd { state.ends.append(state.bytes.count) }
            }
        }
    }

    /// Says that no event will follow.
    func finish() { change { $0.isFinished = true } }

    /// The events from a number on, waiting for the first of them; `nil` when none will follow.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    func next(from number: Int) async throws(CancellationError) -> Part? {
        while true {
            let (part, isFinished, growth) = state.withLock { state -> (Part?, Bool, Signal<Void>) in
                let count = state.ends.count
                guard number < count else { return (nil, state.isFinished, state.growth) }
                let start = number == 0 ? 0 : state.ends[number - 1]
                return (Part(bytes: Array(state.bytes[start...]), next: count), state.isFinished, state.growth)
            }
            if let part { return part }
            if isFinished { return nil }
            guard await growth.wait() != nil else { throw CancellationError() }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let growth = state.withLock { state in
            body(&state)
            defer { state.growth = Signal() }
            return state.growth
        }
        growth.send(())
    }
}
