import NIOCore
import Synchronization

/// What one request holds of the server: a place among those that a shutdown waits for, its body, and memory.
///
/// Everything is given back when the last reference goes, wherever the request ends.
final class RequestTicket: Sendable {
    private struct Held {
        var body: [UInt8] = []
        var bytes = 0
    }

    private let state: ServingState?
    private let pending: PendingBytes
    private let held = Mutex(Held())

    /// - Parameter state: Where the request was admitted; `nil` when it needs no admission.
    init(admittedTo state: ServingState?, pending: PendingBytes) {
        self.state = state
        self.pending = pending
    }

    deinit {
        pending.give(held.withLock { $0.bytes })
        state?.leave()
    }

    /// Most bytes that all bodies may have together.
    var limit: Int { pending.limit }

    /// Bytes of the body so far.
    var bodyCount: Int { held.withLock { $0.body.count } }

    /// Appends a part of the body; `false` when all bodies together would be too large.
    func append(_ part: ByteBuffer) -> Bool {
        guard pending.take(part.readableBytes) else { return false }
        held.withLock { held in
            held.body.append(contentsOf: part.readableBytesView)
            held.bytes += part.readableBytes
        }
        return true
    }

    /// Hands the body over; its bytes stay counted.
    func takeBody() -> [UInt8] {
        held.withLock { held in
            defer { held.body = [] }
            return held.body
        }
    }

    /// Counts the bytes of an answer instead of those of the body.
    func exchangeBody(forAnswerOf bytes: Int) {
        pending.add(bytes)
        let before = held.withLock { held in
            defer { held.bytes = bytes }
            return held.bytes
        }
        pending.give(before)
    }
}
