import Synchronization

/// What one request holds of the server: a place among those that a shutdown waits for, and bytes of memory.
///
/// Everything is given back when the last reference goes, wherever the request ends.
final class RequestTicket: Sendable {
    private let state: ServingState?
    private let pending: PendingBytes
    private let held = Mutex(0)

    /// - Parameter state: Where the request was admitted; `nil` when it needs no admission.
    init(admittedTo state: ServingState?, pending: PendingBytes) {
        self.state = state
        self.pending = pending
    }

    deinit {
        pending.give(held.withLock { $0 })
        state?.leave()
    }

    /// Most bytes that all bodies may have together.
    var limit: Int { pending.limit }

    /// Holds more bytes of a body; `false` when all bodies together would be too large.
    func hold(_ bytes: Int) -> Bool {
        guard pending.take(bytes) else { return false }
        held.withLock { $0 += bytes }
        return true
    }

    /// Holds the bytes of an answer instead of those of the body.
    func exchangeBody(forAnswerOf bytes: Int) {
        pending.add(bytes)
        pending.give(
            held.withLock { held in
                defer { held = bytes }
                return held
            }
        )
    }
}
