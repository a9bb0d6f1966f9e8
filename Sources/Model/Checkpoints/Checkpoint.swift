/// An opened checkpoint: what the model is, and its weights where they lie in the mapped files.
public struct Checkpoint: Sendable {
    /// The file that was opened (the first one, if the checkpoint is split).
    public let path: String
    /// Sizes and constants.
    public let configuration: ModelConfiguration
    /// The weights.
    public let tensors: TensorCatalog
    /// Everything the file says about itself, the tokenizer included.
    public let metadata: GGUFMetadata
    /// The model's own name (`general.name`).
    public let modelName: String?
    /// The template that turns a chat into a prompt.
    public let chatTemplate: String?

    /// Opens a `.gguf` file, the first of a split one, or a directory that holds exactly one such checkpoint.
    ///
    /// - Throws: `CheckpointError` naming the file and the field that is missing, broken or not supported.
    public static func open(path: String) throws(CheckpointError) -> Checkpoint {
        let parts = try GGUFParts.open(path: try CheckpointLocation.file(at: path))
        let metadata = parts[0].metadata
        let tensors = try TensorCatalog(file: parts[0].path, parts: parts)
        guard tensors.count > 0 else {
            throw .unsupported(file: parts[0].path, reason: "the file holds only a vocabulary: it has no tensors")
        }
        return Checkpoint(
            path: parts[0].path,
            configuration: try ModelConfiguration(metadata: metadata, tensors: tensors),
            tensors: tensors,
            metadata: metadata,
            modelName: try metadata.string("general.name"),
            chatTemplate: try metadata.chatTemplate(),
        )
    }

    /// The metadata alone, of any GGUF file: it may be of an unknown architecture or without tensors.
    ///
    /// - Throws: `CheckpointError` if the file is missing, broken or another kind of checkpoint.
    public static func openMetadata(path: String) throws(CheckpointError) -> GGUFMetadata {
        try GGUFFile.open(path: try CheckpointLocation.file(at: path)).metadata
    }

    /// One line for logs: name, architecture, sizes.
    public var contentDescription: String {
        let c = configuration
        let size = tensors.byteCount / 1_000_000
        return "\(modelName ?? "unnamed model"): \(c.architecture.rawValue), \(c.blockCount) layers of "
            + "\(c.embeddingLength), \(c.headCount) heads (\(c.headCountKV) KV), vocabulary \(c.vocabularySize), "
            + "context \(c.contextLength), \(tensors.count) tensors, \(size) MB"
    }
}
