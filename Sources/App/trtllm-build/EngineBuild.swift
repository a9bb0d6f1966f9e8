internal import Checkpoints
internal import CommandSupport
internal import Models
internal import Tensors

/// From a checkpoint's path to an engine directory.
struct EngineBuild {
    let path: String
    let output: String
    let limits: EngineLimits
    let threads: Int?

    /// Loads, packs and writes.
    ///
    /// - Throws: an error for people that names the file, tensor or option; nothing is written then.
    func run() throws {
        try KernelLevel.checkForced()
        let checkpoint = try Checkpoint.open(path: path)
        guard checkpoint.engineFacts == nil else { throw StartupError.invalid("\(path) is an engine already") }
        StandardStreams.complain("opened \(checkpoint.path): \(checkpoint.contentDescription)")
        let context = checkpoint.configuration.contextLength
        if let length = limits.maxSequenceLength, length > context {
            StandardStreams.complain("--max_seq_len \(length) is beyond the model's context of \(context) tokens")
        }
        let packing = ProgressDisplay("packing") { StandardStreams.complain($0) }
        let model = try DecoderModel.load(
            checkpoint: checkpoint,
            pool: try ThreadPool(threadCount: threads ?? HostTopology.current.threadCount),
            progress: { packing.update($0) }
        )
        let facts = EngineFacts(writer: "trtllm-serve \(programVersion)", limits: limits)
        let writer = try model.engineWriter(checkpoint, facts: facts)
        let writing = ProgressDisplay("writing") { StandardStreams.complain($0) }
        let isWritten = try writer.write(to: output) { share in
            writing.update(share)
            return !Interruption.hasCome
        }
        guard isWritten else { throw StartupError.invalid("interrupted: nothing was written") }
        StandardStreams.complain(
            "\(output): \(ByteSize(writer.byteCount)) of weights; serve it with trtllm-serve \(output)"
        )
    }
}
