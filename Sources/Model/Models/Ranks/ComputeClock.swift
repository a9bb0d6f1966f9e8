internal import Synchronization
internal import Tensors

/// How long the thread that makes a rank's calls has run on a core, for whoever watches whether the rank hangs.
///
/// Threads that compute use cores all the time, and a thread that waits for other ranks looks up several times a second.
/// So the threads of a rank that is at work have always used more of them than a second ago, however long a step takes, unless
/// they hang.
final class ComputeClock: Sendable {
    /// 0 where no thread was seen at work yet.
    private let thread = Atomic<Int32>(0)
    /// How many calls are in one that takes it for busy.
    private let busyDepth = Atomic(0)

    /// Says that the calling thread is the one that makes the rank's calls.
    func see() { thread.store(SystemThreadTime.thisThread, ordering: .relaxed) }

    /// Takes the thread for busy while it does something.
    func busy<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) {
        busyDepth.add(1, ordering: .relaxed)
        defer { busyDepth.subtract(1, ordering: .relaxed) }
        try body()
    }

    /// Nanoseconds that the thread and those of a pool have run; `nil` while they may be idle.
    func time(with pool: ThreadPool) -> Int? {
        let number = thread.load(ordering: .relaxed)
        guard number != 0, busyDepth.load(ordering: .relaxed) > 0 || pool.isRunning else { return nil }
        return SystemThreadTime.nanoseconds(of: number) + pool.processorTime
    }
}

extension DecoderModel {
    /// Nanoseconds of cores that the threads have used which compute this rank's part; `nil` while they may be idle.
    ///
    /// It grows all the time while a rank is at work. It may be asked for at any time on any thread.
    public var processorTime: Int? { ranks?.clock.time(with: pool) }
}
