/// Bounds on what a template may take, so that a template from a stranger can neither hang nor exhaust the server.
public struct TemplateLimits: Sendable, Hashable {
    /// Longest template source, in UTF-8 bytes.
    public var sourceBytes: Int
    /// Longest rendered text, and longest single string on the way there, in UTF-8 bytes.
    public var outputBytes: Int
    /// Most memory of one rendering, in bytes: all texts, containers and variables that are alive at once.
    ///
    /// An estimate: what an allocator really takes may be twice as much.
    public var memoryBytes: Int
    /// Most steps of one rendering: each evaluated node, list element and 32 bytes of text handled is one.
    public var steps: Int
    /// Longest that one rendering may take on a clock.
    public var duration: Duration
    /// Deepest nesting of blocks, brackets and conditions behind values in the source.
    ///
    /// A level takes up to five kilobytes of the thread's stack while compiling.
    public var nesting: Int
    /// Deepest nesting of blocks, expressions, macro calls and recursive loops that are running.
    ///
    /// A level takes up to one kilobyte of the thread's stack while rendering.
    public var depth: Int
    /// Longest `range()`, in elements.
    public var rangeLength: Int

    /// Limits far above what published templates need for a long conversation.
    public init(
        sourceBytes: Int = 1 << 20,
        outputBytes: Int = 32 << 20,
        memoryBytes: Int = 128 << 20,
        steps: Int = 10_000_000,
        duration: Duration = .seconds(1),
        nesting: Int = 64,
        depth: Int = 200,
        rangeLength: Int = 100_000
    ) {
        self.sourceBytes = sourceBytes
        self.outputBytes = outputBytes
        self.memoryBytes = memoryBytes
        self.steps = steps
        self.duration = duration
        self.nesting = nesting
        self.depth = depth
        self.rangeLength = rangeLength
    }
}
