internal import ArgumentParser
internal import Checkpoints
internal import Foundation
internal import Models

/// A model's hidden states for given token ids, pooled or not, without engine or tokenizer.
struct EmbedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed",
        abstract: "Embeddings of sequences of tokens, for comparing numbers with other programs."
    )

    @OptionGroup var options: EmbedOptions

    mutating func run() throws {
        let (checkpoint, model) = try options.model.load()
        let tokens = try TokenFile.tokens(options.tokenFile, vocabularySize: model.limits.vocabularySize)
        let lengths = options.lengths.isEmpty ? [tokens.count] : options.lengths
        try check(lengths, tokenCount: tokens.count, model.limits)
        var sequences = try EmbeddedSequences(
            model: model,
            tokens: tokens,
            lengths: lengths,
            pooling: options.pooling ?? checkpoint.configuration.pooling
        )
        sequences.run(chunkLength: options.chunkLength ?? tokens.count)
        try sequences.vectors.withUnsafeBytes { try Data($0).write(to: URL(filePath: options.outputFile)) }
    }

    private func check(_ lengths: [Int], tokenCount: Int, _ limits: ModelLimits) throws {
        let (sum, longest) = (lengths.reduce(0, +), lengths.max() ?? 0)
        guard sum == tokenCount else {
            throw ValidationError("--lengths adds up to \(sum), but --token_ids holds \(tokenCount) tokens")
        }
        guard longest <= limits.contextLength else {
            throw ValidationError("a sequence has \(longest) tokens, but the model takes \(limits.contextLength)")
        }
        guard limits.isCausal || options.chunkLength ?? longest >= longest else {
            throw ValidationError("--max_num_tokens must be at least \(longest): an encoder needs whole sequences")
        }
    }
}
