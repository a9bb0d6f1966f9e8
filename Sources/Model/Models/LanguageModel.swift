/// What the engine needs to know of a model's size.
public struct ModelLimits: Sendable, Hashable {
    /// Number of entries of the vocabulary, the width of a row of logits.
    public var vocabularySize: Int
    /// Longest sequence the model was trained for, in tokens.
    public var contextLength: Int
    /// Bytes that one token takes in the KV cache over all layers, while all of them keep it.
    public var kvBytesPerToken: Int
    /// Which layers have blocks of their own in the KV cache; those first that keep most.
    public var kvGroups: [KVGroup]
    /// Width of a hidden state.
    public var hiddenSize: Int
    /// Whether tokens see only those before them.
    ///
    /// Otherwise the model is an encoder: it has hidden states but no logits, and each slice of a batch is a whole sequence.
    public var isCausal: Bool
    /// Positions that the model has learned, beyond which no sequence can go; `nil` where it computes them.
    public var positionCount: Int?

    /// The limits of a model.
    public init(
        vocabularySize: Int,
        contextLength: Int,
        kvBytesPerToken: Int,
        kvGroups: [KVGroup],
        hiddenSize: Int = 0,
        isCausal: Bool = true,
        positionCount: Int? = nil,
    ) {
        self.positionCount = positionCount
        self.vocabularySize = vocabularySize
        self.contextLength = contextLength
        self.kvBytesPerToken = kvBytesPerToken
        self.kvGroups = kvGroups
        self.hiddenSize = hiddenSize
        self.isCausal = isCausal
    }
}

/// A model as the engine sees it: batches of token ids in, rows of logits out.
///
/// The engine calls it from one thread at a time. Results never depend on what else is in the batch, on how a prompt
/// was cut into chunks, or on whether its prefix was computed now or earlier (batch invariance).
public protocol LanguageModel: AnyObject, Sendable {
    /// Sizes of the model.
    var limits: ModelLimits { get }

    /// Allocates the paged KV cache, without waiting for its pages: `blockCount` blocks, each for `tokensPerBlock` tokens in
    /// the layers of one group.
    ///
    /// Called once, before the first `forward`.
    ///
    /// - Throws: when the memory can't be had.
    func allocateKVCache(blockCount: Int, tokensPerBlock: Int) throws

    /// Reserves working memory for batches of up to `tokens` rows, and for up to `logitRows` rows of logits at once.
    ///
    /// - Throws: when the memory can't be had; what was reserved before stays.
    func reserve(tokens: Int, logitRows: Int) throws

    /// Runs one batch, writing keys and values of its tokens to their blocks.
    func forward(_ batch: ModelBatch)

    /// How many batches may have begun and not ended, where a model computes some at the same time.
    var batchesAtOnce: Int { get }

    /// Begins with a batch, none of whose sequences is in another that has begun and not ended.
    ///
    /// `begin` and `finish` together are `forward`; batches end in the order in which they begin.
    func begin(_ batch: ModelBatch)

    /// Waits for the oldest batch that has begun: `logits` and `addHiddenStates` are then about it.
    func finish()

    /// Why results are worth nothing any more, if they aren't: ranks that compute the model with this one are lost.
    ///
    /// Calls then return, but with numbers that mean nothing.
    var failure: String? { get }

    /// Seconds that this process has spent exchanging data with other ranks since it began; `nil` where there are none.
    var exchangeSeconds: Double? { get }

    /// Begins or ends to note when stages of passes end.
    func noteStages(_ areNoted: Bool)

    /// Stages that have ended since the last call, oldest first; a bounded number of them.
    func takeStages() -> [StageTime]

    /// Some of the rows of logits that the last batch asked for: `rows` of `0..<batch.logitRowCount`, which count in the
    /// order of the slices and their `logitRows`; no more at once than were reserved.
    ///
    /// - Returns: logits `[rows.count, vocabularySize]`, valid until the next call of this or `forward`.
    func logits(_ rows: Range<Int>) -> UnsafeBufferPointer<Float>

    /// Adds hidden states, those behind the final norm where there is one, to `sums`, `[hiddenSize]`: `rows` of the
    /// `0..<batch.hiddenRowCount` that the last batch asked for, in the order of the slices.
    ///
    /// They are added one after the other, so that no bit depends on how many are added at once.
    func addHiddenStates(_ rows: Range<Int>, to sums: inout [Float])

    /// How many workers `distribute` has.
    var workerCount: Int { get }

    /// Calls `body` once for each of `0..<count`, by all workers at the same time and in no particular order; returns when
    /// all are done.
    ///
    /// A worker (`0..<workerCount`) makes one call after the other, so that it may have memory of its own.
    func distribute(_ count: Int, _ body: (_ index: Int, _ worker: Int) -> Void)

    /// Copies the keys and values of one block to another, for a sequence that shares a partly filled block.
    func copyBlock(from source: Int32, to destination: Int32)
}

extension LanguageModel {
    /// One.
    public var batchesAtOnce: Int { 1 }

    /// Runs the batch.
    public func begin(_ batch: ModelBatch) { forward(batch) }

    /// Nothing: the batch has ended.
    public func finish() {}

    /// None.
    public var failure: String? { nil }

    /// None.
    public var exchangeSeconds: Double? { nil }

    /// Notes nothing.
    public func noteStages(_ areNoted: Bool) {}

    /// None.
    public func takeStages() -> [StageTime] { [] }

    /// One: the caller.
    public var workerCount: Int { 1 }

    /// Makes the calls one after the other.
    public func distribute(_ count: Int, _ body: (_ index: Int, _ worker: Int) -> Void) {
        for index in 0..<count { body(index, 0) }
    }
}
