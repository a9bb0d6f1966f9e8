internal import ChatTemplates
internal import Checkpoints
internal import Generation
internal import Tokenization

/// The text side of a model's file: its tokenizer and its chat template.
///
/// The file needn't have weights.
struct TextModel {
    let tokenizer: Tokenizer
    private let path: String
    private let templateSource: String?

    /// Reads them from a GGUF file, or from the one in a directory.
    ///
    /// - Throws: `StartupError` naming the file, or `CheckpointError`.
    init(path: String) throws {
        try self.init(metadata: try Checkpoint.openMetadata(path: path), path: path)
    }

    /// Reads them from a file's metadata.
    ///
    /// - Throws: `StartupError` naming the file, or `CheckpointError`.
    init(metadata: GGUFMetadata, path: String) throws {
        self.path = path
        templateSource = try metadata.chatTemplate()
        let description = try TokenizerDescription(metadata: metadata)
        do {
            tokenizer = try Tokenizer(description)
        } catch {
            throw StartupError.invalid("\(path): \(error)")
        }
    }

    /// The file's chat template, when it has one.
    ///
    /// - Throws: `StartupError` when it can't be compiled.
    func chatTemplate() throws(StartupError) -> ChatTemplate? {
        guard let templateSource else { return nil }
        do {
            return try ChatTemplate(source: templateSource)
        } catch {
            throw .invalid("\(path): its chat template can't be used: \(error)")
        }
    }
}
