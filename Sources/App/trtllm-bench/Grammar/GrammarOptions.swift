internal import ArgumentParser

/// Which schemas are compiled, and over which vocabulary their instances are walked.
package struct GrammarOptions: ParsableArguments {
    /// No options; ArgumentParser fills them in.
    package init() {}

    @Option(name: .customLong("vocabulary"), help: "GGUF file or checkpoint directory whose tokenizer is used.")
    var vocabulary: String

    @Option(
        name: .customLong("schemas"),
        help: "Directory of JSON files, each with a 'schema' and 'tests' of 'data' that is 'valid' or not."
    )
    var schemas: String

    @Option(name: .customLong("report_json"), help: "File for the figures, as one line of JSON.")
    var reportFile: String?

    @Option(name: .customLong("failures"), help: "File for the files that don't pass and why, one line each.")
    var failureFile: String?

    @Option(
        name: .customLong("write_inputs"),
        help: "File for the vocabulary and the instances' tokens as JSON, for measuring other programs with the same."
    )
    var inputFile: String?

    @Option(name: .customLong("limit"), help: "Most files, in the order of their names; default: all.")
    var limit: Int?

    /// Checks ranges, so that a bad value is a usage error.
    package mutating func validate() throws {
        try OptionRange.check("limit", limit, in: 1...Int.max)
    }
}
