internal import ArgumentParser

/// What the reference's command line does before options are looked at.
package enum CommandLineRules {
    private static let subcommands: Set = ["serve", "tokenize", "render", "cache", "help"]
    private static let notYet: Set = ["disaggregated", "disaggregated_mpi_worker", "mm_embedding_serve", "embeddings"]
    private static let groupOptions: Set = [
        "--help", "-h", "--help-hidden", "--version", "--generate-completion-script",
    ]

    /// The arguments with `serve` in front when the first isn't the name of a subcommand; without any, `--help`.
    ///
    /// - Throws: `ValidationError` when the first argument is an option of `serve` or a subcommand that isn't there yet.
    package static func completed(_ arguments: [String]) throws -> [String] {
        guard let first = arguments.first else { return ["--help"] }
        if subcommands.contains(first) || groupOptions.contains(first) { return arguments }
        if notYet.contains(first) { throw ValidationError("the subcommand '\(first)' is not supported yet") }
        if first.hasPrefix("-") {
            throw ValidationError(
                "No such option: \(first). MODEL comes first, or write 'trtllm-serve serve \(first) ...'"
            )
        }
        return ["serve"] + arguments
    }
}
