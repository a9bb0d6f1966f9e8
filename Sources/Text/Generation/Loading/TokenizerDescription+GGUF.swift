public import Checkpoints
public import Tokenization

extension TokenizerDescription {
    /// Reads the tokenizer that a GGUF file's metadata describes (`tokenizer.ggml.*`).
    ///
    /// What the file doesn't say stays `nil`, so that the tokenizer takes llama.cpp's default.
    ///
    /// - Throws: `CheckpointError` naming the key that is missing, of the wrong type or not supported.
    public init(metadata: GGUFMetadata) throws(CheckpointError) {
        let keys = TokenizerKeys(metadata)
        let name = try keys.requiredString("model")
        guard let model = TokenizerKeys.models[name] else {
            let supported = TokenizerKeys.models.keys.sorted().joined(separator: ", ")
            throw .outOfRange(
                file: metadata.file,
                key: keys.key("model"),
                value: "'\(name)'",
                limit: "one of \(supported)"
            )
        }
        self.init(
            model: model,
            pieces: try keys.pieces(),
            scores: try metadata.floats(keys.key("scores")) ?? [],
            kinds: try keys.kinds(),
            merges: try keys.merges(),
            preTokenizer: try metadata.string(keys.key("pre")) ?? (name == "gemma4" ? "gemma4" : "default"),
            bos: try keys.token("bos_token_id"),
            eos: try keys.token("eos_token_id"),
            eot: try keys.token("eot_token_id"),
            eom: try keys.token("eom_token_id"),
            unknown: try keys.token("unknown_token_id"),
            padding: try keys.token("padding_token_id"),
            fillInMiddle: try keys.fillInMiddle(),
            addBOS: try metadata.bool(keys.key("add_bos_token")),
            addEOS: try metadata.bool(keys.key("add_eos_token")),
            addSpacePrefix: try metadata.bool(keys.key("add_space_prefix")),
            removeExtraWhitespaces: try metadata.bool(keys.key("remove_extra_whitespaces")),
            precompiledCharsmap: try metadata.bytes(keys.key("precompiled_charsmap")) ?? [],
            modelName: try metadata.string("general.name") ?? "",
        )
    }
}
