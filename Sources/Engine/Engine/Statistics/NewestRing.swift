internal import Synchronization

/// The newest of many entries, until somebody reads them.
package struct NewestRing<Entry: Sendable>: Sendable {
    private var entries: [Entry] = []
    /// Where the oldest entry is, once the ring is full.
    private var oldest = 0
    private let capacity: Int

    /// A ring that keeps `capacity` entries.
    package init(capacity: Int) {
        self.capacity = capacity
    }

    /// Adds an entry, dropping the oldest when the ring is full.
    package mutating func append(_ entry: Entry) {
        if entries.count < capacity {
            entries.append(entry)
        } else if capacity > 0 {
            entries[oldest] = entry
            oldest = (oldest + 1) % capacity
        }
    }

    /// Takes everything, oldest first.
    package mutating func drain() -> [Entry] {
        defer {
            entries = []
            oldest = 0
        }
        return Array(entries[oldest...] + entries[..<oldest])
    }
}

/// A ring that the engine fills and others empty; neither waits for the other longer than a few assignments.
final class NewestQueue<Entry: Sendable>: Sendable {
    private let ring: Mutex<NewestRing<Entry>>

    init(capacity: Int) {
        ring = Mutex(NewestRing(capacity: capacity))
    }

    func append(_ entry: Entry) { ring.withLock { $0.append(entry) } }

    func drain() -> [Entry] { ring.withLock { $0.drain() } }
}
