internal import Glibc
internal import Synchronization

/// A thread of its own that runs the engine: a serial executor, and a loop around one piece of work.
///
/// Its own thread, because an ordinary actor that computes for a second keeps a thread of Swift's shared pool for that
/// second. Between pieces of work it parks in the kernel and uses no processor time.
final class EngineThread: SerialExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var isAwake = false
        var isParked = false
        var isStopping = false
        var hasEnded = false
        var identity: pthread_t?
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let semaphore = SystemSemaphore()

    /// Starts the thread; while awake it calls `tick` again and again until that returns false or `stop` is called.
    ///
    /// - Throws: `EngineError.failed` when the operating system gives no thread.
    func start(name: String, tick: @escaping @Sendable () -> Bool) throws(EngineError) {
        let code = SystemThread.start(name: name) { [self] in
            state.withLock { $0.identity = pthread_self() }
            while let (jobs, isAwake) = waitForWork() {
                for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
                if isAwake && tick() { wake() }
            }
            end()
        }
        guard code == 0 else { throw .failed("the operating system gave no thread (error \(code))") }
    }

    /// Makes the thread call its work soon; from any thread, any number of times.
    func wake() { signal { $0.isAwake = true } }

    /// Ends the thread after what it is doing now.
    func stop() { signal { $0.isStopping = true } }

    /// Waits until the thread has ended.
    func waitUntilEnded() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.waiters.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        signal { $0.jobs.append(job) }
    }

    func checkIsolated() {
        let identity = state.withLock { $0.identity }
        precondition(identity == pthread_self(), "engine state was touched off the engine's thread")
    }

    private func signal(_ change: (inout State) -> Void) {
        let wasParked = state.withLock { state in
            change(&state)
            defer { state.isParked = false }
            return state.isParked
        }
        if wasParked { semaphore.signal() }
    }

    /// Jobs and whether the work is to be called; `nil` when the thread is to end.
    private func waitForWork() -> (jobs: [UnownedJob], isAwake: Bool)? {
        while true {
            let (work, isStopping): ((jobs: [UnownedJob], isAwake: Bool)?, Bool) = state.withLock { state in
                guard !state.isStopping else { return (nil, true) }
                guard state.isAwake || !state.jobs.isEmpty else {
                    state.isParked = true
                    return (nil, false)
                }
                defer {
                    state.jobs = []
                    state.isAwake = false
                }
                return ((state.jobs, state.isAwake), false)
            }
            if isStopping { return nil }
            if let work { return work }
            semaphore.wait()
        }
    }

    private func end() {
        let waiters = state.withLock { state in
            state.hasEnded = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
