package import OrderedJSON

/// The middle and the tail of a set of measurements; values between ranks are interpolated.
package struct Percentiles: Sendable {
    /// The shares that reports show.
    static let shown: [(name: String, share: Double)] = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)]

    private let sorted: [Double]

    /// The percentiles of some values.
    package init(_ values: [Double]) { sorted = values.sorted() }

    /// The value that `share` (0 to 1) of the measurements don't exceed; `nil` without measurements.
    package func value(at share: Double) -> Double? {
        guard let last = sorted.last else { return nil }
        let rank = share * Double(sorted.count - 1)
        let index = Int(rank)
        guard index + 1 < sorted.count else { return last }
        return sorted[index] + (rank - Double(index)) * (sorted[index + 1] - sorted[index])
    }

    /// The middle; `nil` without measurements.
    package var median: Double? { value(at: 0.5) }

    /// The shown percentiles by name; `null` without measurements.
    package var json: JSONValue {
        .object(JSONObject(Self.shown.map { ($0.name, JSONValue(figure: value(at: $0.share))) }))
    }
}

extension JSONValue {
    /// A measured number; `null` for what couldn't be measured.
    package init(figure: Double?) {
        if let figure, figure.isFinite { self = .number(figure) } else { self = .null }
    }
}
