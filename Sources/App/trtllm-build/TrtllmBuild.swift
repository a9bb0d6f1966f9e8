internal import ArgumentParser
internal import Checkpoints
internal import CommandSupport

/// The program: makes an engine directory of a checkpoint.
@main struct TrtllmBuild: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trtllm-build",
        abstract: "Packs a checkpoint into an engine directory, from which trtllm-serve starts at once.",
        version: programVersion,
    )

    @Option(
        name: [.customLong("checkpoint_dir"), .customLong("model")],
        help: "Checkpoint: a directory, a GGUF file, or a name on a hub."
    )
    var checkpoint: String
    @Option(name: RevisionOption.names, help: RevisionOption.help)
    var revision: String?
    @Option(name: .customLong("output_dir"), help: "The engine directory to make; an engine that is there is replaced.")
    var output: String
    @Option(name: .customLong("max_batch_size"), help: "Most sequences that a server may compute at once.")
    var maxBatchSize: Int?
    @Option(name: .customLong("max_num_tokens"), help: "Most tokens that a server may have in one iteration.")
    var maxNumTokens: Int?
    @Option(name: .customLong("max_seq_len"), help: "Longest sequence of a server, prompt and output.")
    var maxSequenceLength: Int?
    @Option(name: .customLong("max_beam_width"), help: "Largest beam width; only 1 is supported yet.")
    var maxBeamWidth: Int?
    @Option(name: [.customLong("num_threads"), .customLong("workers")], help: "Threads that pack.")
    var threads: Int?

    func validate() throws {
        try OptionRange.check("--max_batch_size", maxBatchSize, in: OptionRange.count)
        try OptionRange.check("--max_num_tokens", maxNumTokens, in: OptionRange.tokens)
        try OptionRange.check("--max_seq_len", maxSequenceLength, in: OptionRange.tokens)
        try OptionRange.check("--max_beam_width", maxBeamWidth, in: OptionRange.parallelSize)
        try OptionRange.check("--num_threads", threads, in: OptionRange.threads)
        if output.isEmpty { throw ValidationError("--output_dir is empty") }
    }

    func run() async throws {
        if let width = maxBeamWidth, width > 1 {
            throw StartupError.notSupported("--max_beam_width \(width) (above 1)")
        }
        Interruption.watch()
        let location = ModelLocation(model: checkpoint, revision: revision)
        let path = try await location.path(for: .serving, .standardError(checkpoint))
        let limits = EngineLimits(
            maxBatchSize: maxBatchSize,
            maxNumTokens: maxNumTokens,
            maxSequenceLength: maxSequenceLength,
            maxBeamWidth: maxBeamWidth
        )
        try EngineBuild(path: path, output: output, limits: limits, threads: threads).run()
    }

    /// Parses and runs; usage errors end with status 2, others with 1, both with a message on standard error.
    static func main() async { await CommandEnd.run(TrtllmBuild.self, Array(CommandLine.arguments.dropFirst())) }
}
