internal import OrderedJSON

/// How fast one form was with so many rows.
struct KernelFigure {
    let form: String
    let rows: Int
    let operations: Double
    let packedBytes: Int
    let seconds: Double
    let peak: (name: String, value: Double)

    private var billionsPerSecond: Double { operations / seconds / 1e9 }

    private var shareOfPeak: Double { billionsPerSecond / peak.value }

    /// Packed weights per second; with more rows they are read once for all of them, and this says nothing.
    private var gigabytesPerSecond: Double? { rows == 1 ? Double(packedBytes) / seconds / 1e9 : nil }

    /// The figure as JSON.
    var json: JSONValue {
        [
            "form": .string(form), "rows": .integer(rows), "gops": JSONValue(figure: billionsPerSecond),
            "peak": .string(peak.name), "share_of_peak": JSONValue(figure: shareOfPeak),
            "weights_gb_per_s": JSONValue(figure: gigabytesPerSecond),
        ]
    }

    /// Adds the figure to a table.
    func append(to table: inout ReportTable) {
        table.append("\(form), \(rows)", [billionsPerSecond, 100 * shareOfPeak, gigabytesPerSecond])
    }
}
