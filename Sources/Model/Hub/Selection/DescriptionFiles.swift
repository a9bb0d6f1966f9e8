internal import Checkpoints

/// The small files beside the weights of a Hugging Face checkpoint: configuration, tokenizer, templates.
enum DescriptionFiles {
    private static let names = Set(TokenizerFileNames.all.map { $0[...] }).union([
        "config.json", "generation_config.json", "chat_template.jinja", "chat_template.json",
        // How the weights were quantized, where config.json doesn't say.
        "quantize_config.json", "quant_config.json", "hf_quant_config.json",
        // How an encoder's output becomes one vector (sentence-transformers).
        "modules.json", "sentence_bert_config.json", "config_sentence_transformers.json",
    ])

    /// Whether a file is one of them.
    static func contains(_ file: RepositoryFile) -> Bool {
        if file.isAtTop { return names.contains(file.name) }
        let isTemplate = file.path.hasPrefix("additional_chat_templates/") && file.path.hasSuffix(".jinja")
        return isTemplate || (file.path.hasSuffix("_Pooling/config.json") && file.path.split(separator: "/").count == 2)
    }

    /// Whether there is a configuration and something to tokenize with.
    static func areEnough(_ files: [RepositoryFile]) -> Bool {
        let paths = Set(files.map(\.path))
        return paths.contains("config.json") && TokenizerFileNames.areEnough(paths)
    }

    /// Whether a file holds weights in a format that is never read.
    static func isPickle(_ file: RepositoryFile) -> Bool {
        file.isAtTop && [".bin", ".pt", ".pth", ".ckpt", ".h5", ".msgpack"].contains { file.path.hasSuffix($0) }
    }
}
