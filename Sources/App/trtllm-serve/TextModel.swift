internal import ChatTemplates
internal import Checkpoints
internal import Generation
internal import Tokenization

/// The text side of a checkpoint, ready for use: its tokenizer and its chat template.
///
/// The checkpoint needn't have weights.
struct TextModel {
    let tokenizer: Tokenizer
    private let path: String
    private let templateSource: String?

    /// Reads them from a GGUF file or a checkpoint's directory.
    ///
    /// - Throws: `StartupError` naming the file, or `CheckpointError`.
    init(path: String) throws {
        try self.init(try CheckpointText.open(path: path))
    }

    /// Makes them from what a checkpoint says.
    ///
    /// - Throws: `StartupError` naming the file, or `CheckpointError`.
    init(_ text: CheckpointText) throws {
        path = text.path
        templateSource = text.chatTemplates.standard
        guard case .gguf(let metadata) = text.tokenizer else {
            throw StartupError.invalid("\(path): tokenizers of Hugging Face directories are not supported")
        }
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
