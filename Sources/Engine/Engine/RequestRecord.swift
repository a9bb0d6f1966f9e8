/// When things happened to one request, in monotonic seconds of the engine's clock; `nil` until they have.
public struct RequestTimings: Sendable, Hashable {
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

    /// A request that has just arrived.
    public init(arrival: Double) {
        self.arrival = arrival
    }
}
