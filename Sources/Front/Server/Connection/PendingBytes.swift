import Synchronization

/// Bytes of all requests' bodies that are being read or worked on, and of the answers that wait to be taken.
final class PendingBytes: Sendable {
    /// Most bytes that bodies may bring it to.
    let limit: Int
    private let count = Atomic(0)

    init(limit: Int) { self.limit = limit }

    /// How many there are.
    var current: Int { count.load(ordering: .relaxed) }

    /// Takes a part of a body in; `false`, and nothing taken, when it would be over the limit.
    func take(_ bytes: Int) -> Bool {
        if count.add(bytes, ordering: .relaxed).newValue <= limit { return true }
        give(bytes)
        return false
    }

    /// Counts an answer in, whatever the limit: it exists, and keeps further bodies out.
    func add(_ bytes: Int) { count.add(bytes, ordering: .relaxed) }

    /// Gives back what was taken.
    func give(_ bytes: Int) { count.subtract(bytes, ordering: .relaxed) }
}
