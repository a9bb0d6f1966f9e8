/// How fast several workers are together at their best, from when each of them finished equal pieces of work.
///
/// On a machine shared with others, workers are interrupted at different times. Whoever waits for the slowest then hardly
/// ever sees all of them run; a look back at what each did in the same short window does.
package struct JointRate {
    /// Per worker when it began and when each of its pieces was finished, in seconds, ascending.
    private let times: [[Double]]

    /// The rate of some workers; each has begun.
    package init(times: [[Double]]) { self.times = times.filter { !$0.isEmpty } }

    /// Most pieces per second, all workers together, in any window of so many seconds in which all of them were at work.
    ///
    /// Where they shared less time than a window, that time is the window; 0 if they shared none.
    package func highest(window: Double) -> Double {
        guard let first = times.first else { return 0 }
        let begin = times.reduce(0) { max($0, $1.first ?? 0) }
        let end = times.reduce(.infinity) { min($0, $1.last ?? 0) }
        let length = min(window, end - begin)
        guard length > 0 else { return 0 }
        let starts = [begin] + first.filter { $0 > begin && $0 + length <= end }
        let pieces = starts.map { start in
            times.reduce(0) { $0 + Self.progress(of: $1, at: start + length) - Self.progress(of: $1, at: start) }
        }
        return (pieces.max() ?? 0) / length
    }

    /// Pieces that a worker had finished at a time; the one under way counts in proportion.
    private static func progress(of times: [Double], at time: Double) -> Double {
        // The first element that is later than `time`.
        var low = 0
        var high = times.count
        while low < high {
            let middle = (low + high) / 2
            if times[middle] > time { high = middle } else { low = middle + 1 }
        }
        guard low > 0 else { return 0 }
        guard low < times.count else { return Double(times.count - 1) }
        return Double(low - 1) + (time - times[low - 1]) / (times[low] - times[low - 1])
    }
}
