/// What the engine needs to know of a model's size.
public struct ModelLimits: Sendable, Hashable {
    /// Number of entries of the vocabulary, the width of a row of logits.
    public var vocabularySize: Int
    /// Longest sequence the model was trained for, in tokens.
    public var contextLength: Int
    /// Bytes that one token takes in the KV cache over all layers.
    public var kvBytesPerToken: Int

    /// The limits of a model.
    public init(vocabularySize: Int, contextLength: Int, kvBytesPerToken: Int) {
        self.vocabularySize = vocabularySize
        self.contextLength = contextLength
        self.kvBytesPerToken = kvBytesPerToken
    }
}

/// A model as the engine sees it: batches of token ids in, rows of logits out.
///
/// The engine calls it from one thread at a time. Results never depend on what else is in the batch, on how a prompt
/// was cut into chunks, or on whether its prefix was computed now or earlier (batch invariance).
public protocol LanguageModel: AnyObject, Sendable {
    /// Sizes of the model.
    var limits: ModelLimits { get }

    /// Allocates the paged KV cache, without waiting for its pages: `blockCount` blocks of `tokensPerBlock` tokens.
    ///
    /// Called once, before the first `forward`.
    ///
    /// - Throws: when the memory can't be had.
    func allocateKVCache(blockCount: Int, tokensPerBlock: Int) throws

    /// Reserves working memory for batches of up to `tokens` rows and `logitRows` rows of logits.
    ///
    /// - Throws: when the memory can't be had.
    func reserve(tokens: Int, logitRows: Int) throws

    /// Runs one batch, writing keys and values of its tokens to their blocks.
    ///
    /// - Returns: logits `[batch.logitRowCount, vocabularySize]`, rows in the order of the slices and their
    ///   `logitRows`; valid until the next call.
    func forward(_ batch: ModelBatch) -> UnsafeBufferPointer<Float>

    /// Copies the keys and values of one block to another, all layers, for a sequence that shares a partly filled block.
    func copyBlock(from source: Int32, to destination: Int32)
}
