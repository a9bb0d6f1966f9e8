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

        /// The bytes in front of a place; `nil` in front of an event that isn't there yet.
        func start(of place: Place) -> Int? {
            switch place {
            case .byte(let offset): offset
            case .event(0): 0
            case .event(let number): number <= ends.count ? ends[number - 1] : nil
            }
        }
    }

    /// Where a reader stands.
    enum Place: Sendable {
        /// In front of an event.
        case event(Int)
        /// Behind so many bytes.
        case byte(Int)
    }

    /// Most bytes that a reader gets at a time.
    private static let partBytes = 64 << 10

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

    /// What stands behind a place, which moves behind it, waiting until there is something; `nil` when nothing will follow.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    func next(_ place: inout Place) async throws(CancellationError) -> [UInt8]? {
        while true {
            let (start, part, isFinished, growth) = state.withLock { state in
                let start = state.start(of: place)
                let part = start.map { state.bytes[$0...].prefix(Self.partBytes) } ?? []
                return (start, Array(part), state.isFinished, state.growth)
            }
            if let start, !part.isEmpty {
                place = .byte(start + part.count)
                return part
            }
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
