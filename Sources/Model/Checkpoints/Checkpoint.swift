/// An opened checkpoint, whatever its format: what the model is, its weights where they lie in the files, and its text
/// side.
public struct Checkpoint: Sendable {
    /// What was opened: a file (the first one, if the checkpoint is split), or a directory.
    public let path: String
    /// Sizes and constants.
    public let configuration: ModelConfiguration
    /// The weights.
    public let tensors: TensorCatalog
    /// Tokenizer, chat templates, defaults of generation.
    public let text: CheckpointText
    /// What the weights take in the checkpoint, also where this is an engine that was built from it.
    public let stored: StoredSize
    /// What an engine says of itself; `nil` for other checkpoints.
    public let engineFacts: EngineFacts?
    /// What an engine can be built from; `nil` for engines.
    let source: CheckpointSource?

    /// Opens a `.gguf` file, the first of a split one, a directory that holds exactly one such checkpoint, a Hugging
    /// Face directory, or an engine directory.
    ///
    /// - Throws: `CheckpointError` naming the file and the field that is missing, broken or not supported.
    public static func open(path: String) throws(CheckpointError) -> Checkpoint {
        switch try CheckpointLocation(path) {
        case .gguf(let file): try Checkpoint(gguf: file)
        case .huggingFace(let directory): try Checkpoint(huggingFace: directory)
        case .engine(let directory): try Checkpoint(engine: directory)
        }
    }

    /// The model's own name, if it says.
    public var modelName: String? { text.modelName }

    /// One line for logs: name, architecture, sizes.
    public var contentDescription: String { "\(modelName ?? "unnamed model"): \(sizeDescription)" }

    /// The same without the name, which may be that of the directory.
    public var sizeDescription: String {
        let c = configuration
        let size = stored.byteCount / 1_000_000
        return "\(c.architecture.rawValue), \(c.blockCount) layers of "
            + "\(c.embeddingLength), \(c.headCount) heads (\(c.headCountKV) KV), vocabulary \(c.vocabularySize), "
            + "context \(c.contextLength), \(stored.tensorCount) tensors, \(size) MB"
    }
}
