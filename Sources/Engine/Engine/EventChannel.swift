internal import Synchronization

/// The events of one request on their way from the engine to its consumer.
///
/// The engine appends a batch per iteration and never waits. The buffer is bounded by the request itself: a slow consumer
/// finds at most one event for each of its tokens, and nobody else waits for it.
final class EventChannel: Sendable {
    private struct State {
        var events: [EngineEvent] = []
        var isFinished = false
        var error: EngineError?
        var record: RequestRecord
        var waiter: CheckedContinuation<Void, Never>?
    }

    /// The request's id.
    let id: UInt64
    private let state: Mutex<State>

    init(id: UInt64, arrival: Double) {
        self.id = id
        state = Mutex(State(record: RequestRecord(id: id, arrival: arrival)))
    }

    var record: RequestRecord { state.withLock { $0.record } }

    /// Whether nothing more will be delivered.
    var isFinished: Bool { state.withLock { $0.isFinished } }

    /// Hands over one iteration's events and wakes the consumer once.
    func deliver(_ events: [EngineEvent], record: RequestRecord, isLast: Bool) {
        wake { state in
            guard !state.isFinished else { return }
            state.events.append(contentsOf: events)
            state.record = record
            state.isFinished = isLast
        }
    }

    /// Ends the stream after what was delivered: with an error, or quietly.
    func finish(_ error: EngineError?) {
        wake { state in
            guard !state.isFinished else { return }
            state.isFinished = true
            state.error = error
        }
    }

    /// Ends the stream for a consumer that is gone: what was delivered is dropped.
    func abandon() {
        wake { state in
            state.isFinished = true
            state.events = []
            state.error = nil
        }
    }

    /// Takes all that was delivered, waiting for the next delivery when there is nothing; empty at the end.
    ///
    /// - Throws: the error that ended the request, once what came before it was taken.
    func take() async throws(EngineError) -> [EngineEvent] {
        while true {
            let (events, isFinished, error) = state.withLock { state in
                let events = state.events
                state.events = []
                let error = events.isEmpty ? state.error : nil
                if error != nil { state.error = nil }
                return (events, state.isFinished, error)
            }
            if let error { throw error }
            if !events.isEmpty || isFinished { return events }
            await withCheckedContinuation { continuation in
                let (ready, previous) = state.withLock { state in
                    let previous = state.waiter
                    let isReady = !state.events.isEmpty || state.isFinished
                    state.waiter = isReady ? nil : continuation
                    return (isReady, previous)
                }
                previous?.resume()
                if ready { continuation.resume() }
            }
        }
    }

    private func wake(_ change: (inout sending State) -> Void) {
        let waiter = state.withLock { state in
            change(&state)
            let waiter = state.waiter
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }
}
