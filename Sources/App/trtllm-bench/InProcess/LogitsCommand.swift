internal import ArgumentParser
internal import Checkpoints
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
        let (checkpoint, model) = try options.model.load()
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
        let adapter = try options.adapter.map { directory in
            let rules = AdapterRules(configuration: checkpoint.configuration, rankLimit: BenchOptions.largestRank)
            let adapter = try model.loadAdapter(directory: directory, rules)
            model.allowAdapters(rank: adapter.rank)
            return adapter
        }
        var sequence = try ScoredSequence(model: model, length: length, adapter: adapter)
        sequence.reuse(Array(prompt.prefix(options.reusedLength)))
        sequence.run(prompt.dropFirst(options.reusedLength), chunkLength: options.chunkLength ?? prompt.count)
        for _ in 0..<options.outputLength { sequence.run([sequence.likeliest], chunkLength: 1) }
        try sequence.rows.withUnsafeBytes { try Data($0).write(to: URL(filePath: options.outputFile)) }
    }
}
