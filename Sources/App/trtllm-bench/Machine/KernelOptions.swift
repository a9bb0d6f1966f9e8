package import ArgumentParser
package import Tensors

/// What a measurement of kernels is told.
package struct KernelOptions: ParsableArguments, Sendable {
    /// No options; ArgumentParser fills them in.
    package init() {}

    @Option(name: .customLong("rows"), parsing: .upToNextOption, help: "Rows of activations to multiply.")
    package var rows = [1, 4, 16, 64]

    @Option(name: .customLong("features"), help: "Output features of the matrix.")
    package var features = 1536

    @Option(name: .customLong("columns"), help: "Input features of the matrix.")
    package var columns = 1536

    @Option(name: .customLong("form"), parsing: .upToNextOption, help: "Packed forms to measure; default: all.")
    package var forms: [String] = []

    @Option(name: .customLong("num_threads"), help: "Threads to measure with.")
    package var threadCount = 1

    @Option(name: .customLong("report_json"), help: "File for the figures as JSON.")
    package var reportFile: String?

    /// Every packed form with a type that is packed to it.
    package static let allForms: [(name: String, type: DataType)] = DataType.allCases.reduce(into: []) { forms, type in
        let name = type.packedFormName
        if !forms.contains(where: { $0.name == name }) { forms.append((name, type)) }
    }

    /// The forms to measure.
    package var chosenForms: [(name: String, type: DataType)] {
        forms.isEmpty ? Self.allForms : Self.allForms.filter { forms.contains($0.name) }
    }

    package mutating func validate() throws {
        try OptionRange.check("features", features, in: OptionRange.dimension)
        try OptionRange.check("columns", columns, in: OptionRange.dimension)
        try OptionRange.check("num_threads", threadCount, in: OptionRange.threads)
        for count in rows { try OptionRange.check("rows", count, in: OptionRange.dimension) }
        guard columns % 256 == 0 else {
            throw ValidationError("--columns is \(columns), but must be a positive multiple of 256")
        }
        let names = Self.allForms.map(\.name)
        if let form = forms.first(where: { !names.contains($0) }) {
            throw ValidationError("--form is \(form), but must be one of \(names.joined(separator: ", "))")
        }
    }
}
