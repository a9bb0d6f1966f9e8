internal import ArgumentParser
internal import Checkpoints

/// Whose hidden states are wanted, and how they come about.
package struct EmbedOptions: ParsableArguments {
    /// No options; ArgumentParser fills them in.
    package init() {}

    @OptionGroup var model: ModelOptions

    @Option(name: .customLong("token_ids"), help: "File of token ids, 4 bytes each, lowest byte first.")
    var tokenFile: String

    @Option(name: .customLong("output"), help: "File for the vectors: rows of 4-byte floats.")
    var outputFile: String

    @Option(
        name: .customLong("lengths"),
        help: "Lengths of the sequences in the file, as in '20,7'; default: one sequence.",
        transform: EmbedOptions.lengths
    )
    var lengths: [Int] = []

    @Option(
        name: .customLong("pooling"),
        help: "'mean', 'cls' or 'last' for a vector per sequence, 'none' for one per token; default: the model's own.",
        transform: EmbedOptions.pooling
    )
    var pooling: Pooling?

    @Option(
        name: .customLong("max_num_tokens"),
        help: "Most tokens of a sequence in one forward pass; default: all. Encoders need all."
    )
    var chunkLength: Int?

    /// Checks ranges, so that a bad value is a usage error.
    package mutating func validate() throws {
        try OptionRange.check("max_num_tokens", chunkLength, in: OptionRange.tokens)
    }

    private static func lengths(_ text: String) throws -> [Int] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let length = Int(part), OptionRange.tokens.contains(length) else {
                throw ValidationError("'\(part.prefix(64))' is not a length")
            }
            return length
        }
    }

    private static func pooling(_ name: String) throws -> Pooling {
        guard let pooling = Pooling(rawValue: name) else {
            throw ValidationError("it must be one of \(Pooling.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return pooling
    }
}
