package import Parallel
internal import Synchronization
internal import Tensors

/// What the threads do that compute a rank's part, for whoever watches whether the rank hangs.
///
/// Threads that compute use cores and do one piece of work after the other, and a thread that waits for other ranks looks up
/// several times a second. So the threads of a rank that is at work have always done more of both than a second ago, however
/// long a step takes, unless they hang.
final class ComputeClock: Sendable {
    /// What a thread is busy with.
    enum Work {
        /// An exchange with other ranks, in which it looks up again and again.
        case exchange
        /// What others have the threads of the pool do, in pieces of any length.
        case errand
        /// Anything else.
        case other
    }

    /// 0 where no thread was seen at work yet.
    private let thread = Atomic<Int32>(0)
    /// How many calls are in each kind of work.
    private let exchanges = Atomic(0)
    private let errands = Atomic(0)
    private let others = Atomic(0)

    /// Says that the calling thread is the one that makes the rank's calls.
    func see() { thread.store(ThreadInspection.thisThread, ordering: .relaxed) }

    /// Takes the thread for busy while it does something.
    func busy<Failure: Error>(_ work: Work, _ body: () throws(Failure) -> Void) throws(Failure) {
        count(work, 1)
        defer { count(work, -1) }
        try body()
    }

    /// Counts a call that begins, with 1, or ends, with -1.
    func count(_ work: Work, _ change: Int) {
        switch work {
        case .exchange: exchanges.add(change, ordering: .relaxed)
        case .errand: errands.add(change, ordering: .relaxed)
        case .other: others.add(change, ordering: .relaxed)
        }
    }

    /// What the thread and those of a pool have done; `nil` while they may be idle.
    ///
    /// - Parameter looks: How often threads that wait for other ranks have looked up.
    func signs(with pool: ThreadPool, looks: Int) -> ComputeSigns? {
        let caller = thread.load(ordering: .relaxed)
        let isAtWork = exchanges.load(ordering: .relaxed) > 0 || pool.isRunning
        guard caller != 0, isAtWork || others.load(ordering: .relaxed) > 0 else { return nil }
        let isCounted = isAtWork && errands.load(ordering: .relaxed) == 0
        let threads = [caller] + pool.threads
        return ComputeSigns(
            beats: isCounted ? pool.beats &+ looks : nil,
            processorTimes: threads.map(ThreadInspection.processorTime(of:)),
            isHeldUp: { threads.contains(where: ThreadInspection.isHeldUp) }
        )
    }
}

extension DecoderModel {
    /// What the threads have done which compute this rank's part; `nil` while they may be idle, or if there are no ranks.
    ///
    /// It may be asked for at any time on any thread.
    package var computeSigns: ComputeSigns? {
        ranks.flatMap { $0.clock.signs(with: pool, looks: $0.world.interruption.looks) }
    }
}
