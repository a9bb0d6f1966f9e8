internal import Glibc
internal import Synchronization

/// Counts what a rank exchanges; read from any thread.
final class TrafficMeter: Sendable {
    private let calls = Atomic(0)
    private let bytesSent = Atomic(0)
    private let nanoseconds = Atomic(0)
    private let waitingNanoseconds = Atomic(0)

    /// The numbers until now.
    var traffic: CommunicatorTraffic {
        CommunicatorTraffic(
            calls: calls.load(ordering: .relaxed),
            bytesSent: bytesSent.load(ordering: .relaxed),
            nanoseconds: nanoseconds.load(ordering: .relaxed),
            waitingNanoseconds: waitingNanoseconds.load(ordering: .relaxed)
        )
    }

    /// Counts a call that began at `start`, a time of `now`, and ends now.
    func count(since start: Int, bytes: Int) {
        calls.add(1, ordering: .relaxed)
        bytesSent.add(bytes, ordering: .relaxed)
        nanoseconds.add(Self.now - start, ordering: .relaxed)
    }

    /// Counts nanoseconds of a call in which it waited.
    func count(waiting: Int) { waitingNanoseconds.add(waiting, ordering: .relaxed) }

    /// Nanoseconds of the monotonic clock.
    static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
    }
}
