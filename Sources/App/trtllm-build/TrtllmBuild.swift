internal import ArgumentParser
internal import Checkpoints
internal import CommandSupport
internal import Models

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
    @Option(name: .customLong("max_beam_width"), help: "Most beams of a request that the engine is for.")
    var maxBeamWidth: Int?
    @Option(
        name: .customLong("quantization"),
        help: "What becomes of weights that are stored as floats (default: NO_QUANT)."
    )
    var quantization: WeightQuantization.Algorithm?
    @Option(name: .customLong("group_size"), help: "Columns that share a scale: 32, 64 or 128 (default: 32).")
    var groupSize: Int?
    @Option(
        name: .customLong("exclude_modules"),
        help: "A module that isn't quantized, '*' and '?' for any characters; repeatable (default: lm_head)."
    )
    var exclusions: [String] = []
    @Option(
        name: .customLong("calibration"),
        help: """
            Text file whose first \(CalibrationText.mostTokens) tokens activations are measured on for W4A16_AWQ, at most \
            1 MiB (default: a built-in text).
            """
    )
    var calibrationFile: String?
    @Option(name: [.customLong("num_threads"), .customLong("workers")], help: "Threads that pack.")
    var threads: Int?

    func validate() throws {
        try OptionRange.check("--max_batch_size", maxBatchSize, in: OptionRange.count)
        try OptionRange.check("--max_num_tokens", maxNumTokens, in: OptionRange.tokens)
        try OptionRange.check("--max_seq_len", maxSequenceLength, in: OptionRange.tokens)
        try OptionRange.check("--max_beam_width", maxBeamWidth, in: OptionRange.parallelSize)
        try OptionRange.check("--num_threads", threads, in: OptionRange.threads)
        try checkQuantization()
        if output.isEmpty { throw ValidationError("--output_dir is empty") }
    }

    private func checkQuantization() throws {
        let algorithm = quantization ?? .unquantized
        if algorithm == .unquantized, groupSize != nil || !exclusions.isEmpty {
            throw ValidationError("--group_size and --exclude_modules are for a --quantization, and there is none")
        }
        if let groupSize, !WeightQuantization.groupSizes.contains(groupSize) {
            throw ValidationError("--group_size is \(groupSize), but must be one of \(WeightQuantization.groupSizes)")
        }
        if calibrationFile != nil, !algorithm.needsCalibration {
            throw ValidationError("--calibration is for W4A16_AWQ, and --quantization is \(algorithm.rawValue)")
        }
    }

    func run() async throws {
        let location = ModelLocation(model: checkpoint, revision: revision)
        let path = try await location.path(for: .serving, .standardError(checkpoint))
        let limits = EngineLimits(
            maxBatchSize: maxBatchSize,
            maxNumTokens: maxNumTokens,
            maxSequenceLength: maxSequenceLength,
            maxBeamWidth: maxBeamWidth
        )
        let build = EngineBuild(
            path: path,
            output: output,
            limits: limits,
            quantization: WeightQuantization(
                quantization ?? .unquantized,
                groupSize: groupSize ?? WeightQuantization.groupSizes[0],
                exclusions: exclusions.isEmpty ? WeightQuantization.defaultExclusions : exclusions
            ),
            calibrationFile: calibrationFile,
            threads: threads
        )
        try build.run()
    }

    /// Parses and runs; usage errors end with status 2, others with 1, both with a message on standard error.
    static func main() async {
        // Before the first wait: other threads open descriptors of their own.
        StandardStreams.reserveNumbers()
        await CommandEnd.run(TrtllmBuild.self, Array(CommandLine.arguments.dropFirst()))
    }
}
