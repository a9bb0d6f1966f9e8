/// Some of the entries of a dimension: `count` runs of `run` entries, the first from `start`, each `stride` further on.
struct Selection: Sendable, Hashable {
    var start = 0
    var run: Int
    var stride: Int
    var count: Int

    /// Consecutive entries.
    init(_ range: Range<Int>) {
        start = range.lowerBound
        run = range.count
        stride = range.count
        count = 1
    }

    /// Runs with others between them.
    init(start: Int, run: Int, stride: Int, count: Int) {
        self.start = start
        self.run = run
        self.stride = stride
        self.count = count
    }

    /// How many entries are selected.
    var length: Int { run * count }

    /// The entries as one range; `nil` if there are others between them.
    var range: Range<Int>? { count == 1 || run == stride ? start..<start + length : nil }

    /// The runs in order.
    var runs: [Range<Int>] {
        if let range { return [range] }
        return (0..<count).map { start + $0 * stride..<start + $0 * stride + run }
    }

    /// Whether all entries are among those of a dimension of a length.
    func fits(_ length: Int) -> Bool {
        guard start >= 0, run > 0, stride >= run, count > 0, start < length else { return false }
        let (span, overflow) = (count - 1).multipliedReportingOverflow(by: stride)
        guard !overflow else { return false }
        return span <= length - start && run <= length - start - span
    }
}
