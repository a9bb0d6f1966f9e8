/// What a rank has exchanged with others since it began.
public struct CommunicatorTraffic: Sendable, Hashable {
    /// Collective calls, sends and receives.
    public var calls: Int
    /// Bytes that the other ranks got from this one, counted once for each that got them.
    public var bytesSent: Int
    /// Nanoseconds spent in calls, waiting for other ranks included.
    public var nanoseconds: Int
    /// Those of them in which there was nothing to do but to wait until other ranks had come as far, or a network had room.
    public var waitingNanoseconds: Int

    /// Known numbers.
    public init(calls: Int = 0, bytesSent: Int = 0, nanoseconds: Int = 0, waitingNanoseconds: Int = 0) {
        self.calls = calls
        self.bytesSent = bytesSent
        self.nanoseconds = nanoseconds
        self.waitingNanoseconds = waitingNanoseconds
    }

    /// What was exchanged since `earlier`.
    public func since(_ earlier: CommunicatorTraffic) -> CommunicatorTraffic {
        CommunicatorTraffic(
            calls: calls - earlier.calls,
            bytesSent: bytesSent - earlier.bytesSent,
            nanoseconds: nanoseconds - earlier.nanoseconds,
            waitingNanoseconds: waitingNanoseconds - earlier.waitingNanoseconds
        )
    }
}
