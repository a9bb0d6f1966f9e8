internal import ArgumentParser
internal import OrderedJSON
internal import Tensors

/// The matrix kernels by themselves, so that a change of one shows within seconds.
struct KernelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels",
        abstract: "The matrix kernels: speed of every packed form, beside what the machine can do."
    )

    @OptionGroup var options: KernelOptions

    mutating func run() throws {
        try KernelLevel.checkForced()
        let pool = try ThreadPool(threadCount: options.threadCount)
        let peaks = ArithmeticPeaks(MachineProbe(pool: pool))
        var table = ReportTable(
            title: "\(KernelLevel.chosen) kernels, \(pool.threadCount) threads, "
                + "\(options.features) x \(options.columns) weights"
        )
        for (name, value) in peaks.figures { table.append(name, [value]) }
        table.append("form, rows", texts: ["Gop/s", "% of peak", "GB/s"])
        var figures: [JSONValue] = []
        for (form, type) in options.chosenForms {
            let probe = try KernelProbe(type, features: options.features, columns: options.columns, pool: pool)
            for rows in options.rows {
                let figure = KernelFigure(
                    form: form,
                    rows: rows,
                    operations: probe.operations(rows: rows),
                    packedBytes: probe.packedBytes,
                    seconds: try probe.quickest(rows: rows),
                    peak: peaks.peak(of: form)
                )
                figure.append(to: &table)
                figures.append(figure.json)
            }
        }
        print(table.text)
        try ReportFile.write(report(peaks, figures, threadCount: pool.threadCount), to: options.reportFile)
    }

    private func report(_ peaks: ArithmeticPeaks, _ figures: [JSONValue], threadCount: Int) -> JSONValue {
        var members: JSONObject = [
            "kernels": .string("\(KernelLevel.chosen)"), "num_threads": .integer(threadCount),
            "features": .integer(options.features), "columns": .integer(options.columns),
        ]
        for (name, value) in peaks.figures { members[name] = JSONValue(figure: value) }
        members["measurements"] = .array(figures)
        return .object(members)
    }
}
