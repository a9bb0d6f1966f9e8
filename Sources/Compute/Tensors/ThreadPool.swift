internal import CPUKernels
internal import Synchronization

/// One thread's view of a parallel region: which one it is, and where it meets the others.
public struct Worker {
    /// Index of this worker, `0..<count`; 0 is the caller of `run`.
    public let index: Int
    /// How many workers execute the region.
    public let count: Int
    private let team: OpaquePointer
    private let beats: UnsafeMutablePointer<UInt64>

    init(index: Int, count: Int, team: OpaquePointer, beats: UnsafeMutablePointer<UInt64>) {
        self.index = index
        self.count = count
        self.team = team
        self.beats = beats
    }

    /// This worker as if there were no others: for what it computes by itself.
    public var solo: Worker { Worker(index: 0, count: 1, team: team, beats: beats) }

    /// Says that a piece of work is done, for whoever watches whether the pool gets on: all that may take more than a
    /// moment between two barriers is in such pieces.
    @inline(__always)
    public func beat() { thread_team_beat(beats) }

    /// Waits until every worker has arrived; what they wrote before is then visible to all.
    ///
    /// Memory that is read `next` comes into the cache meanwhile.
    public func barrier(next: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)) {
        if count > 1 { thread_team_barrier(team, next.baseAddress, next.count) }
    }

    /// Says that this worker has arrived, as at a barrier, without waiting for others: `wait(for:)` does that, before the next
    /// barrier.
    public func arrive() -> Arrival { Arrival(round: count > 1 ? thread_team_arrive(team) : 0) }

    /// Waits until every worker has arrived where this one has; what they wrote before is then visible to it.
    public func wait(for arrival: Arrival) {
        if count > 1 { thread_team_wait(team, arrival.round) }
    }

    /// Where a worker has said that it is.
    public struct Arrival {
        fileprivate let round: UInt32
    }

    /// This worker's share of `0..<n`: consecutive, in multiples of `grain` but for the end; the shares of all workers
    /// cover the range.
    public func range(of n: Int, grain: Int = 1) -> Range<Int> {
        let units = (n + grain - 1) / grain
        let first = units * index / count * grain
        let end = units * (index + 1) / count * grain
        return min(first, n)..<min(end, n)
    }
}

/// A team of threads that execute one function together (single program, multiple data).
///
/// Waiting workers spin for some tens of microseconds, yield for about a millisecond and then sleep, so barriers inside an
/// iteration cost about a microsecond and an idle pool costs nothing.
public final class ThreadPool: @unchecked Sendable {  // the team is used by one caller of `run` at a time
    /// Number of workers, the caller included.
    public let threadCount: Int
    /// Whether a function is being executed right now.
    public var isRunning: Bool { running.load(ordering: .relaxed) }
    private let running = Atomic(false)
    private let team: OpaquePointer

    /// Starts `threadCount - 1` threads.
    ///
    /// - Throws: `TensorError.threadsUnavailable` when they can't be had.
    public init(threadCount: Int) throws(TensorError) {
        guard threadCount > 0, threadCount <= 4096, let team = thread_team_create(Int32(threadCount)) else {
            throw .threadsUnavailable(count: threadCount)
        }
        self.threadCount = threadCount
        self.team = team
    }

    deinit { thread_team_destroy(team) }

    /// How many pieces of work the workers have done, barriers included: it grows as long as a run gets on.
    ///
    /// It may be asked for at any time on any thread.
    public var beats: Int { Int(truncatingIfNeeded: thread_team_all_beats(team)) }

    /// The numbers of the pool's own threads, without those of the callers.
    public var threads: [Int32] { (1..<Int32(threadCount)).map { thread_team_thread(team, $0) } }

    /// Executes `body` once on every worker and returns when all are done.
    ///
    /// One caller at a time; not from inside a run.
    public func run(_ body: (Worker) -> Void) {
        struct Region {
            let body: (Worker) -> Void
            let count: Int
            let team: OpaquePointer
        }
        running.store(true, ordering: .relaxed)
        defer { running.store(false, ordering: .relaxed) }
        withoutActuallyEscaping(body) { body in
            var region = Region(body: body, count: threadCount, team: team)
            withUnsafeMutablePointer(to: &region) { pointer in
                thread_team_run(
                    team,
                    { context, index in
                        guard let region = context?.assumingMemoryBound(to: Region.self).pointee else { return }
                        let beats = thread_team_beats(region.team, index).unsafelyUnwrapped
                        region.body(Worker(index: Int(index), count: region.count, team: region.team, beats: beats))
                    },
                    pointer
                )
            }
        }
    }
}
