internal import ArgumentParser
internal import Foundation
internal import Models

/// A model's logits for given token ids, without engine or tokenizer: what comparisons with other programs need.
struct LogitsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logits",
        abstract: "The logits after every token of a prompt, for comparing numbers with other programs."
    )

    @OptionGroup var options: LogitsOptions

    mutating func run() throws {
        let model = try options.model.load().model
        guard model.limits.isCausal else { throw ValidationError("an encoder has no logits; see 'embed'") }
        let prompt = try TokenFile.tokens(
            options.tokenFile,
            vocabularySize: model.limits.vocabularySize,
            least: options.reusedLength + 1
        )
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
}
