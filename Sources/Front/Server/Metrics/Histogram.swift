/// Counts of observations per bucket, as Prometheus wants them.
struct Histogram: Sendable {
    /// Upper bounds of the buckets, growing; one more without a bound follows.
    let bounds: [Double]
    private(set) var counts: [Int]
    private(set) var sum: Double = 0

    init(bounds: [Double]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    mutating func observe(_ value: Double) {
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        sum += value
    }

    /// How many observations there were.
    var total: Int { counts.reduce(0, +) }

    /// The reference's buckets of whole requests and of waiting, in seconds.
    static let latency = Histogram(bounds: [
        0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680,
    ])
    /// The reference's buckets of the time to the first token, in seconds.
    static let timeToFirstToken = Histogram(bounds: [
        0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640,
        2560,
    ])
    /// The reference's buckets of the time per output token, in seconds.
    static let timePerToken = Histogram(bounds: [
        0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
    ])
}
