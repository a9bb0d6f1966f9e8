/// What became of one request in the engine; times are monotonic seconds of its clock, `nil` until things have happened.
public struct RequestRecord: Sendable, Hashable {
    /// The request's id.
    public var id: UInt64
    /// The request was submitted.
    public var arrival: Double
    /// Some of its prompt was in an iteration for the first time.
    public var firstScheduled: Double?
    /// Its first token was chosen.
    public var firstToken: Double?
    /// Its newest token was chosen.
    public var lastToken: Double?
    /// Its last choice ended.
    public var finished: Double?
    /// The iteration that had some of its prompt first, counted from 1 as the statistics do.
    public var firstIteration: Int?
    /// The iteration that its newest events are from.
    public var lastIteration: Int?
    /// The KV cache's blocks it was given so far; `nil` unless the engine is told to keep them.
    public var blocks: BlockCounters?

    /// A request that has just arrived.
    public init(id: UInt64, arrival: Double) {
        self.id = id
        self.arrival = arrival
    }
}
