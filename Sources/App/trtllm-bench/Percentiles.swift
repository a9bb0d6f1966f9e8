internal import OrderedJSON

/// The middle and the tail of a set of measurements; values between ranks are interpolated.
struct Percentiles {
    let sorted: [Double]

    init(_ values: [Double]) { sorted = values.filter { $0.isFinite }.sorted() }

    /// The value that `share` of the measurements don't exceed.
    func value(at share: Double) -> Double {
        guard let last = sorted.last else { return .nan }
        let rank = share * Double(sorted.count - 1)
        let index = Int(rank)
        guard index + 1 < sorted.count else { return last }
        return sorted[index] + (rank - Double(index)) * (sorted[index + 1] - sorted[index])
    }

    var json: JSONValue {
        ["p50": .number(value(at: 0.5)), "p95": .number(value(at: 0.95)), "p99": .number(value(at: 0.99))]
    }
}
