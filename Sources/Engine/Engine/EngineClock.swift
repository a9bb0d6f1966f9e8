internal import Glibc

/// Where the engine reads the time; tests give it a hand-driven one.
public struct EngineClock: Sendable {
    /// Seconds of a clock that never goes back.
    public var monotonicSeconds: @Sendable () -> Double
    /// Seconds since 1970, UTC.
    public var wallSeconds: @Sendable () -> Double

    /// A clock made of two functions.
    public init(
        monotonicSeconds: @escaping @Sendable () -> Double,
        wallSeconds: @escaping @Sendable () -> Double,
    ) {
        self.monotonicSeconds = monotonicSeconds
        self.wallSeconds = wallSeconds
    }

    /// The operating system's clocks.
    public static let system = EngineClock(
        monotonicSeconds: { read(CLOCK_MONOTONIC) },
        wallSeconds: { read(CLOCK_REALTIME) },
    )

    private static func read(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
