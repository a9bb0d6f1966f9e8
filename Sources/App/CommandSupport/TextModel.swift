package import ChatTemplates
package import Checkpoints
internal import Generation
package import Tokenization

/// The text side of a checkpoint, ready for use: its tokenizer and its chat template.
///
/// The checkpoint needn't have weights.
package struct TextModel: Sendable {
    /// The tokenizer, with all tokens that end a generation.
    package let tokenizer: Tokenizer
    private let path: String
    private let templateSource: String?
    /// The file's further chat templates by name, as text.
    package let namedTemplates: [String: String]

    /// Reads them from a GGUF file or a checkpoint's directory.
    ///
    /// - Throws: `StartupError` naming the file, or `CheckpointError`.
    package init(path: String) throws {
        try self.init(try CheckpointText.open(path: path))
    }

    /// Makes them from what a checkpoint says.
    ///
    /// - Throws: `StartupError` naming the file, or `CheckpointError`.
    package init(_ text: CheckpointText) throws {
        path = text.path
        templateSource = text.chatTemplates.standard
        namedTemplates = text.chatTemplates.named
        var tokenizer = try Self.tokenizer(text)
        tokenizer.endOfGenerationTokens.formUnion(text.generation.endOfSequence)
        self.tokenizer = tokenizer
    }

    private static func tokenizer(_ text: CheckpointText) throws -> Tokenizer {
        switch text.tokenizer {
        case .directory(let directory): return try Tokenizer(directory: directory)
        case .gguf(let metadata):
            let description = try TokenizerDescription(metadata: metadata)
            do {
                return try Tokenizer(description)
            } catch {
                throw StartupError.invalid("\(text.path): \(error)")
            }
        }
    }

    /// The file's chat template, when it has one.
    ///
    /// - Throws: `StartupError` when it can't be compiled.
    package func chatTemplate() throws(StartupError) -> ChatTemplate? {
        guard let templateSource else { return nil }
        do {
            return try ChatTemplate(source: templateSource)
        } catch {
            throw .invalid("\(path): its chat template can't be used: \(error)")
        }
    }
}
