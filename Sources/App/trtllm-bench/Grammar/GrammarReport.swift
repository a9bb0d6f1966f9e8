package import OrderedJSON

/// What came of compiling schemas and walking their instances.
package struct GrammarReport: Sendable {
    /// The shares that are shown.
    private static let shares: [(name: String, share: Double)] = [
        ("p50", 0.5), ("p75", 0.75), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999), ("max", 1),
    ]

    /// Number of files.
    package var files = 0
    /// Files whose schema compiles and whose instances all come out as they should.
    package var passing = 0
    /// Files whose schema doesn't compile.
    package var compileErrors = 0
    /// Valid instances that were refused.
    package var validationErrors = 0
    /// Invalid instances that were accepted.
    package var invalidationErrors = 0
    /// Microseconds of each mask.
    package var maskTimes: [Double] = []
    /// Microseconds of compiling each schema that compiles.
    package var compileTimes: [Double] = []
    /// The files that don't pass, and why.
    package var failures: [(file: String, reason: String)] = []

    /// Nothing yet.
    package init() {}

    /// The figures as a report names them.
    package var json: JSONValue {
        [
            "files": .integer(files),
            "passing": .integer(passing),
            "compile_errors": .integer(compileErrors),
            "validation_errors": .integer(validationErrors),
            "invalidation_errors": .integer(invalidationErrors),
            "mask_us": Self.distribution(maskTimes),
            "compile_us": Self.distribution(compileTimes),
        ]
    }

    private static func distribution(_ times: [Double]) -> JSONValue {
        let percentiles = Percentiles(times)
        let mean = times.isEmpty ? nil : times.reduce(0, +) / Double(times.count)
        var figures = JSONObject([("mean", JSONValue(figure: mean))])
        for (name, share) in shares { figures[name] = JSONValue(figure: percentiles.value(at: share)) }
        return .object(figures)
    }

    /// The figures for people.
    package var table: ReportTable {
        var table = ReportTable(title: "schemas and their instances, one thread")
        table.append("files", files)
        table.append("passing", passing)
        table.append("compile_errors", compileErrors)
        table.append("validation_errors", validationErrors)
        table.append("invalidation_errors", invalidationErrors)
        table.append(heads: ["mean"] + Self.shares.map(\.name))
        for (name, times) in [("mask_us", maskTimes), ("compile_us", compileTimes)] {
            let percentiles = Percentiles(times)
            let mean = times.isEmpty ? nil : times.reduce(0, +) / Double(times.count)
            table.append(name, [mean] + Self.shares.map { percentiles.value(at: $0.share) })
        }
        return table
    }
}
