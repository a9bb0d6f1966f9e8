/// The readings behind each byte of a word: level 0 holds those at its beginning.
struct ReadingLevels: Sendable {
    private(set) var readings: [Reading] = []
    private var ends: [Int] = [0]
    private var seen: Set<Reading> = []

    /// Begins a word with some readings, each of them once.
    mutating func begin(_ list: some Collection<Reading>) {
        readings.removeAll(keepingCapacity: true)
        readings.append(contentsOf: list)
        ends[0] = readings.count
    }

    /// Where a level's readings lie.
    @inline(__always)
    func range(_ level: Int) -> Range<Int> { (level == 0 ? 0 : ends[level - 1])..<ends[level] }

    /// Drops all that lies above a level.
    @inline(__always)
    mutating func cut(above level: Int) {
        let extra = readings.count - ends[level]
        if extra > 0 { readings.removeLast(extra) }
    }

    @inline(__always)
    mutating func append(_ reading: Reading) { readings.append(reading) }

    /// Ends a level: readings that are there twice, or are too many, go.
    ///
    /// - Returns: whether any are left.
    @inline(__always)
    mutating func finish(_ level: Int, limit: Int) -> Bool {
        let start = ends[level - 1]
        if readings.count - start > 1 { tidy(from: start, limit: limit) }
        if level < ends.count { ends[level] = readings.count } else { ends.append(readings.count) }
        return readings.count > start
    }

    /// Whether two readings of a level have the same state.
    func hasEqualStates(_ level: Int) -> Bool {
        let range = range(level)
        if range.count > 24 { return true }
        for place in range.dropFirst() {
            let state = readings[place].state
            for other in range.lowerBound..<place where readings[other].state == state { return true }
        }
        return false
    }

    /// Puts other readings in the place of the highest level's.
    mutating func replace(_ level: Int, _ list: [Reading]) {
        cut(above: level - 1)
        readings.append(contentsOf: list)
        ends[level] = readings.count
    }

    private mutating func tidy(from start: Int, limit: Int) {
        var kept = start
        if readings.count - start <= 12 {
            for index in start..<readings.count where !readings[start..<kept].contains(readings[index]) {
                readings[kept] = readings[index]
                kept += 1
            }
        } else {
            seen.removeAll(keepingCapacity: true)
            for index in start..<readings.count where kept - start < limit && seen.insert(readings[index]).inserted {
                readings[kept] = readings[index]
                kept += 1
            }
        }
        readings.removeLast(readings.count - kept)
    }
}
