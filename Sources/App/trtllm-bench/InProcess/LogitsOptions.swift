internal import ArgumentParser

/// Which logits are wanted, and how they come about.
package struct LogitsOptions: ParsableArguments {
    /// No options; ArgumentParser fills them in.
    package init() {}

    @OptionGroup var model: ModelOptions

    @Option(name: .customLong("token_ids"), help: "File of the prompt's token ids, 4 bytes each, lowest byte first.")
    var tokenFile: String

    @Option(
        name: .customLong("output"),
        help: "File for the logits: a row of 4-byte floats for every token that was run."
    )
    var outputFile: String

    @Option(name: .customLong("output_len"), help: "Tokens to go on with, each the likeliest after those before it.")
    var outputLength = 0

    @Option(
        name: .customLong("max_num_tokens"),
        help: "Most prompt tokens of one forward pass; default: the whole prompt."
    )
    var chunkLength: Int?

    @Option(
        name: .customLong("reused_tokens"),
        help: "Prompt tokens whose keys and values another sequence computed; whole blocks of 32."
    )
    var reusedLength = 0

    @Option(name: .customLong("adapter"), help: "Directory of a LoRA adapter that all tokens are computed with.")
    var adapter: String?

    /// Checks ranges, so that a bad value is a usage error.
    package mutating func validate() throws {
        try OptionRange.check("output_len", outputLength, in: 0...OptionRange.tokens.upperBound)
        try OptionRange.check("max_num_tokens", chunkLength, in: OptionRange.tokens)
        try OptionRange.check("reused_tokens", reusedLength, in: 0...OptionRange.tokens.upperBound)
        guard reusedLength % ScoredSequence.tokensPerBlock == 0 else {
            throw ValidationError("--reused_tokens is \(reusedLength), but must be a multiple of 32")
        }
    }
}
