/// Bounds on the work that one request's text may cause.
public struct TextLimits: Sendable, Hashable {
    /// How long rendering a chat's template may take.
    public var templateDuration = Duration.seconds(1)
    /// Most bytes that rendering a chat's template may take.
    public var templateBytes = 128 << 20
    /// Threads that render and tokenize; `nil` is one for each core.
    public var workerThreads: Int?

    /// The defaults.
    public init() {}
}
