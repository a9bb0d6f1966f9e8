/// The text side of a checkpoint, which needn't have weights: tokenizer, chat templates, defaults of generation.
public struct CheckpointText: Sendable {
    /// Where the tokenizer is described.
    public enum TokenizerSource: Sendable {
        /// In the metadata of a GGUF file (`tokenizer.ggml.*`).
        case gguf(GGUFMetadata)
        /// In the files of a directory: `tokenizer.json`, `tokenizer.model`, `tokenizer_config.json` and others.
        case directory(String)
    }

    /// The file or directory, for messages.
    public let path: String
    /// The model's own name, if it says.
    public let modelName: String?
    /// Where the tokenizer is described.
    public let tokenizer: TokenizerSource
    /// The templates that turn a chat into a prompt.
    public let chatTemplates: ChatTemplateTexts
    /// What the model's makers set for generation.
    public let generation: GenerationDefaults

    /// Reads the text side of whatever `Checkpoint.open` opens; the architecture may be unknown, and weights may be missing.
    ///
    /// - Throws: `CheckpointError` if files are missing or broken.
    public static func open(path: String) throws(CheckpointError) -> CheckpointText {
        switch try CheckpointLocation(path) {
        case .gguf(let file): try CheckpointText(metadata: try GGUFFile.open(path: file).metadata)
        case .huggingFace(let directory): try CheckpointText(huggingFace: directory)
        case .engine(let directory): try CheckpointText(engine: directory)
        }
    }
}

/// A model's chat templates, as text.
public struct ChatTemplateTexts: Sendable, Hashable {
    /// The one for all chats, if there is one.
    public var standard: String?
    /// Others by name, as "tool_use" or "rag".
    public var named: [String: String]

    /// Templates; none without arguments.
    public init(standard: String? = nil, named: [String: String] = [:]) {
        self.standard = standard
        self.named = named
    }
}
