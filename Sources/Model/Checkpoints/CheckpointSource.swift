/// What a checkpoint's weights take in its files.
public struct StoredSize: Sendable, Hashable {
    /// Number of tensors.
    public var tensorCount: Int
    /// Bytes of all tensors.
    public var byteCount: Int
}

/// What an opened checkpoint was read from: what an engine has to keep of it besides the weights.
struct CheckpointSource: Sendable {
    /// Where configuration and text side are.
    enum Origin: Sendable {
        /// In a file's metadata, and in those tensors that hold constants.
        case gguf(GGUFFile, constants: [StoredTensor])
        /// In a directory's files.
        case huggingFace(String)
    }

    let origin: Origin
    /// The names of all its tensors.
    let tensorNames: [String]
}
