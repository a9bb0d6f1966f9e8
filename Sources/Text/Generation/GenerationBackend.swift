public import Tokenization

/// What a front end needs of text generation; `GenerationPipeline` is the real one, tests bring scripted ones.
public protocol GenerationBackend: Sendable {
    /// Longest sequence, prompt and output, in tokens.
    var maxSequenceLength: Int { get }
    /// Number of token ids.
    var vocabularySize: Int { get }

    /// Renders, tokenizes and checks a request, without touching the engine.
    ///
    /// - Throws: `GenerationError` naming what is wrong with the request.
    func prepare(_ request: GenerationRequest) async throws(GenerationError) -> PreparedGeneration

    /// Hands a request to the engine.
    ///
    /// - Throws: `.overloaded` or `.shuttingDown` before anything is produced.
    func submit(_ prepared: PreparedGeneration) throws(GenerationError) -> GenerationStream

    /// The prompt text of a chat, exactly as it will be tokenized.
    ///
    /// - Throws: `.template` or `.noChatTemplate`.
    func render(_ chat: ChatPrompt) async throws(GenerationError) -> String

    /// The ids of a text or a chat, however many; `nil` for special tokens is what a request for it would do.
    ///
    /// - Throws: `GenerationError` naming what is wrong.
    func tokenize(
        _ prompt: GenerationPrompt,
        addSpecialTokens: Bool?,
        parseSpecialTokens: Bool,
    ) async throws(GenerationError) -> [TokenID]

    /// The text of ids; bytes that aren't UTF-8 become U+FFFD.
    ///
    /// - Throws: `.tokenOutOfRange`.
    func detokenize(_ tokens: [TokenID], skipSpecialTokens: Bool) async throws(GenerationError) -> String
}
