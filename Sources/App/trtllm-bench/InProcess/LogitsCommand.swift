internal import ArgumentParser
internal import Checkpoints
internal import Foundation
internal import Models
internal import Tensors

/// A model's logits for given token ids, without engine or tokenizer: what comparisons with other programs need.
struct LogitsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logits",
        abstract: "The logits after every token of a prompt, for comparing numbers with other programs."
    )

    @OptionGroup var options: LogitsOptions

    mutating func run() throws {
        try KernelLevel.checkForced()
        let model = try DecoderModel.load(
            checkpoint: Checkpoint.open(path: options.model),
            pool: ThreadPool(threadCount: options.threadCount ?? HostTopology.current.threadCount),
            cacheType: options.cacheType
        )
        let prompt = try tokens(vocabularySize: model.limits.vocabularySize)
        let length = prompt.count + options.outputLength
        if let positions = model.limits.positionCount, length > positions {
            throw ValidationError(
                "\(length) tokens are more than the \(positions) positions that the model has learned"
            )
        }
        var sequence = try ScoredSequence(model: model, length: length)
        sequence.reuse(Array(prompt.prefix(options.reusedLength)))
        sequence.run(prompt.dropFirst(options.reusedLength), chunkLength: options.chunkLength ?? prompt.count)
        for _ in 0..<options.outputLength { sequence.run([sequence.likeliest], chunkLength: 1) }
        try sequence.rows.withUnsafeBytes { try Data($0).write(to: URL(filePath: options.outputFile)) }
    }

    /// The prompt of the file, checked: ids that the model has, more of them than are reused.
    private func tokens(vocabularySize: Int) throws -> [Int32] {
        let bytes = try Data(contentsOf: URL(filePath: options.tokenFile))
        let tokens = bytes.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map {
                Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self))
            }
        }
        if let bad = tokens.first(where: { $0 < 0 || $0 >= vocabularySize }) {
            throw ValidationError("--token_ids holds \(bad), but the vocabulary has \(vocabularySize) entries")
        }
        guard tokens.count > options.reusedLength, tokens.count <= OptionRange.tokens.upperBound else {
            throw ValidationError(
                "--token_ids holds \(tokens.count) tokens, but must hold \(options.reusedLength + 1) to "
                    + "\(OptionRange.tokens.upperBound)"
            )
        }
        return tokens
    }
}
