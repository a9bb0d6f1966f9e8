public import Models

/// What one iteration did when; times are seconds of the system's monotonic clock.
public struct IterationProfile: Sendable {
    /// Its number since the start, from 1.
    public var iteration = 0
    /// When the engine began to plan it.
    public var begin = 0.0
    /// When it was planned, and its blocks were allocated.
    public var planned = 0.0
    /// When the model had begun it: on one rank, when it had computed the hidden states.
    public var computed = 0.0
    /// When the engine turned to its results, behind other iterations where several are in flight.
    public var finished = 0.0
    /// When the next tokens were chosen.
    public var chosen = 0.0
    /// When its events had been delivered.
    public var end = 0.0
    /// Tokens of prompts that it computed.
    public var promptTokens = 0
    /// Sequences whose prompts they were.
    public var prefillingSequences = 0
    /// Sequences that it gave a further token, or several.
    public var decodingSequences = 0
    /// Requests that ran behind it.
    public var runningRequests = 0
    /// Requests that waited behind it.
    public var queuedRequests = 0
    /// Blocks of the KV cache that were in use behind it.
    public var usedBlocks = 0
    /// The stages of passes that ended since the last iteration's end.
    public var stages: [StageTime] = []

    /// Nothing yet.
    public init() {}
}
