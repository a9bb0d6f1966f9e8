internal import Checkpoints
internal import CommandSupport
internal import Models
internal import Tensors

/// From a checkpoint's path to an engine directory.
struct EngineBuild {
    let path: String
    let output: String
    let limits: EngineLimits
    let quantization: WeightQuantization
    /// The file that activations are measured on instead of the built-in text.
    let calibrationFile: String?
    let threads: Int?

    /// Loads, packs and writes.
    ///
    /// - Throws: an error for people that names the file, tensor or option; nothing is written then.
    func run() throws {
        try KernelLevel.checkForced()
        try EngineWriter.checkPlace(output)
        let checkpoint = try Checkpoint.open(path: path)
        guard checkpoint.engineFacts == nil else { throw StartupError.invalid("\(path) is an engine already") }
        StandardStreams.complain("opened \(checkpoint.path): \(checkpoint.contentDescription)")
        let context = checkpoint.configuration.contextLength
        if let length = limits.maxSequenceLength, length > context {
            StandardStreams.complain("--max_seq_len \(length) is beyond the model's context of \(context) tokens")
        }
        let calibration = quantization.algorithm.needsCalibration ? try calibrationWindows(checkpoint) : []
        let packing = ProgressDisplay("packing") { StandardStreams.complain($0) }
        let model = try DecoderModel.load(
            checkpoint: checkpoint,
            pool: try ThreadPool(threadCount: threads ?? HostTopology.current.threadCount),
            quantization: quantization,
            calibration: calibration,
            progress: { share in
                packing.update(share)
                Interruption.watch()
                if Interruption.hasCome { Interruption.end() }
            }
        )
        let facts = EngineFacts(
            writer: "trtllm-serve \(programVersion)",
            limits: limits,
            quantization: "\(quantization)"
        )
        let writer = try model.engineWriter(checkpoint, facts: facts)
        let writing = ProgressDisplay("writing") { StandardStreams.complain($0) }
        let isWritten = try writer.write(to: output) { share in
            writing.update(share)
            return !Interruption.hasCome
        }
        guard isWritten else { Interruption.end() }
        StandardStreams.complain(
            "\(output): \(ByteSize(writer.byteCount)) of weights; serve it with trtllm-serve \(output)"
        )
    }
    private func calibrationWindows(_ checkpoint: Checkpoint) throws -> [[Int32]] {
        let tokenizer = try TextModel(checkpoint.text).tokenizer
        guard let calibrationFile else { return CalibrationText.windows(tokenizer) }
        let bytes = try InputFile.read(calibrationFile, limit: CalibrationText.fileLimit)
        let windows = CalibrationText.windows(of: String(decoding: bytes, as: UTF8.self), tokenizer)
        guard !windows.isEmpty else { throw StartupError.invalid("\(calibrationFile): the text is empty") }
        return windows
    }
}
