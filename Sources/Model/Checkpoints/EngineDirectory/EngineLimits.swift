/// What an engine was built for: a server's defaults, and the most that it may be asked for; `nil` for no limit.
public struct EngineLimits: Sendable, Hashable {
    /// Most sequences computed at once.
    public var maxBatchSize: Int?
    /// Most tokens in one iteration.
    public var maxNumTokens: Int?
    /// Longest sequence, prompt and output.
    public var maxSequenceLength: Int?
    /// Largest beam width.
    public var maxBeamWidth: Int?

    /// Limits; none without arguments.
    public init(
        maxBatchSize: Int? = nil,
        maxNumTokens: Int? = nil,
        maxSequenceLength: Int? = nil,
        maxBeamWidth: Int? = nil,
    ) {
        self.maxBatchSize = maxBatchSize
        self.maxNumTokens = maxNumTokens
        self.maxSequenceLength = maxSequenceLength
        self.maxBeamWidth = maxBeamWidth
    }
}

/// What an engine says of itself besides the model.
public struct EngineFacts: Sendable, Hashable {
    /// The program that wrote it, with its version.
    public var writer: String
    /// What it was built for.
    public var limits: EngineLimits
    /// How its weights were made of the checkpoint's, in words: `NO_QUANT`.
    public var quantization: String

    /// Facts of an engine.
    public init(writer: String, limits: EngineLimits = EngineLimits(), quantization: String = "NO_QUANT") {
        self.writer = writer
        self.limits = limits
        self.quantization = quantization
    }
}
