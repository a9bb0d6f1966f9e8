internal import Engine
internal import Glibc
internal import Synchronization

/// Threads of their own that render templates and tokenize, so that no text, however long, keeps the few threads that
/// serve connections busy.
///
/// Work whose task is cancelled is dropped at once while it waits, and while it runs it is told. The threads are started
/// when they are needed and end with the last reference to this.
package final class TextWorkers: Sendable {
    private let crew: Crew

    /// Workers for as much long work at once as `limits.workerThreads` says, or as there are cores, and one more that
    /// takes only short work.
    package init(limits: TextLimits = TextLimits()) {
        let cores = max(1, Int(clamping: sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        crew = Crew(limits: limits, longLimit: max(1, limits.workerThreads ?? cores))
    }

    deinit { crew.stop() }

    /// Does work on a worker's thread, when its turn has come.
    ///
    /// - Parameters:
    ///   - size: What it will take.
    ///   - work: What to do; it is given what to ask now and then whether anybody still waits.
    /// - Throws: `.overloaded` when too much waits, `.cancelled` when the calling task is cancelled before the work is
    ///   begun, and what the work throws.
    package func run<Value: Sendable>(
        _ size: TextWork,
        _ work: @escaping @Sendable (_ isCancelled: @escaping @Sendable () -> Bool) throws(GenerationError) -> Value,
    ) async throws(GenerationError) -> Value {
        let cancelled = OnceFlag()
        let id = crew.nextID()
        let result: Result<Value, GenerationError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let job = TextQueue.Job(
                    id: id,
                    work: size,
                    run: {
                        continuation.resume(
                            returning: Result { () throws(GenerationError) in
                                if cancelled.isRaised { throw .cancelled }
                                return try work { cancelled.isRaised }
                            }
                        )
                    },
                    refuse: { continuation.resume(returning: .failure($0)) },
                )
                crew.add(job, unless: cancelled)
            }
        } onCancel: {
            cancelled.raise()
            crew.drop(id)
        }
        return try result.get()
    }
}

/// The threads and what they share; it outlives its owner until the last of them has ended.
private final class Crew: Sendable {
    private struct State {
        var queue: TextQueue
        var lastID: UInt64 = 0
        var threads = 0
        /// Threads that wait at the semaphore and that nobody has woken.
        var parked = 0
        var isStopping = false
    }

    private let threadLimit: Int
    private let state: Mutex<State>
    private let semaphore = SystemSemaphore()

    init(limits: TextLimits, longLimit: Int) {
        threadLimit = longLimit + 1
        state = Mutex(State(queue: TextQueue(limits: limits, longLimit: longLimit)))
    }

    func nextID() -> UInt64 {
        state.withLock { state in
            state.lastID &+= 1
            return state.lastID
        }
    }

    /// Queues a job and sees to a thread for it; refuses it when it can't be queued or is cancelled already.
    func add(_ job: TextQueue.Job, unless cancelled: OnceFlag) {
        let (refusal, isThreadMissing): (GenerationError?, Bool) = state.withLock { state in
            if cancelled.isRaised { return (.cancelled, false) }
            do throws(GenerationError) { try state.queue.append(job) } catch { return (error, false) }
            if wake(&state) || state.threads == threadLimit { return (nil, false) }
            state.threads += 1
            return (nil, true)
        }
        if let refusal { job.refuse(refusal) }
        if isThreadMissing { startThread() }
    }

    /// Refuses a job that still waits, for nobody waits for it.
    func drop(_ id: UInt64) { state.withLock { $0.queue.remove(id) }?.refuse(.cancelled) }

    /// Ends the threads, those at work after it; no job waits any more, for whoever waits for one holds the owner.
    func stop() {
        state.withLock { state in
            state.isStopping = true
            while wake(&state) {}
        }
    }

    /// Wakes a parked thread; false when there is none.
    private func wake(_ state: inout State) -> Bool {
        guard state.parked > 0 else { return false }
        state.parked -= 1
        semaphore.signal()
        return true
    }

    private func startThread() {
        let code = SystemThread.start(name: "text-worker") { [self] in work() }
        guard code != 0 else { return }
        // Threads that are there already will come to the jobs; without any, nobody would.
        let waiting = state.withLock { state -> [TextQueue.Job] in
            state.threads -= 1
            return state.threads == 0 ? state.queue.removeAll() : []
        }
        for job in waiting {
            job.refuse(
                .overloaded("the operating system gives no thread to tokenize with (error \(code)); try again later")
            )
        }
    }

    private func work() {
        while true {
            let (job, isStopping): (TextQueue.Job?, Bool) = state.withLock { state in
                if state.isStopping { return (nil, true) }
                guard let job = state.queue.take() else {
                    state.parked += 1
                    return (nil, false)
                }
                // Work that waited for memory may be many jobs at once.
                if state.queue.hasRunnable { _ = wake(&state) }
                return (job, false)
            }
            if isStopping { return }
            guard let job else {
                semaphore.wait()
                continue
            }
            job.run()
            state.withLock { $0.queue.finish(job.work) }
        }
    }
}
