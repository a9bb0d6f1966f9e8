internal import ChatTemplates

/// Bounds on the work that one request's text may cause.
public struct TextLimits: Sendable, Hashable {
    /// How long rendering a chat's template may take.
    public var templateDuration = Duration.seconds(1)
    /// Most bytes that rendering a chat's template may take.
    public var templateBytes = 128 << 20
    /// Threads that render and tokenize long texts, beside one that takes only short ones; `nil` is one for each core.
    public var workerThreads: Int?
    /// Longest text that is tokenized, in bytes, unless the longest sequence needs more.
    public var textBytes = 4 << 20
    /// Most bytes of memory that long texts may take together while they are rendered and tokenized.
    public var memoryBytes = 384 << 20
    /// Most texts that wait.
    public var waitingJobs = 1024
    /// Most bytes of text that wait.
    public var waitingBytes = 256 << 20

    /// The defaults.
    public init() {}

    /// What a template may take.
    var template: TemplateLimits { TemplateLimits(memoryBytes: templateBytes, duration: templateDuration) }
}
