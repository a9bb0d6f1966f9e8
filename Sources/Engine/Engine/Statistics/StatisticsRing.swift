internal import Synchronization

/// The statistics of the newest iterations, until somebody reads them.
package struct StatisticsRing: Sendable {
    private var entries: [IterationStatistics] = []
    /// Where the oldest entry is, once the ring is full.
    private var oldest = 0
    private let capacity: Int

    /// A ring that keeps `capacity` iterations.
    package init(capacity: Int) {
        self.capacity = capacity
    }

    /// Adds an iteration, dropping the oldest when the ring is full.
    package mutating func append(_ statistics: IterationStatistics) {
        if entries.count < capacity {
            entries.append(statistics)
        } else if capacity > 0 {
            entries[oldest] = statistics
            oldest = (oldest + 1) % capacity
        }
    }

    /// Takes everything, oldest first.
    package mutating func drain() -> [IterationStatistics] {
        defer {
            entries = []
            oldest = 0
        }
        return Array(entries[oldest...] + entries[..<oldest])
    }
}

/// A ring that the engine fills and others empty; neither waits for the other longer than a few assignments.
final class StatisticsQueue: Sendable {
    private let ring: Mutex<StatisticsRing>

    init(capacity: Int) {
        ring = Mutex(StatisticsRing(capacity: capacity))
    }

    func append(_ statistics: IterationStatistics) { ring.withLock { $0.append(statistics) } }

    func drain() -> [IterationStatistics] { ring.withLock { $0.drain() } }
}
