internal import Engine
internal import Synchronization
internal import Tensors

/// Writes an engine to the cache while the server works, on a thread that computes only when nobody else wants the core.
final class EngineKeeper: Sendable {
    /// Until it is done: it holds the checkpoint's files open.
    private let work: Mutex<(@Sendable (_ goesOn: () -> Bool) -> Void)?>
    private let isStopped = Atomic(false)
    private let isDone = Atomic(true)

    /// A keeper that hasn't started.
    ///
    /// - Parameter work: Asks now and then whether to go on.
    init(_ work: @escaping @Sendable (_ goesOn: () -> Bool) -> Void) { self.work = Mutex(work) }

    /// Starts; without a thread, nothing is kept.
    func start() {
        isDone.store(false, ordering: .relaxed)
        let code = SystemThread.start(name: "engine-keeper") { [self] in
            IdlePriority.take()
            let work = self.work.withLock { work in
                defer { work = nil }
                return work
            }
            work? { !isStopped.load(ordering: .relaxed) }
            isDone.store(true, ordering: .releasing)
        }
        if code != 0 { isDone.store(true, ordering: .relaxed) }
    }

    /// Has it stop, and waits a moment so that nothing half-written is left.
    func stop() async {
        isStopped.store(true, ordering: .relaxed)
        for _ in 0..<100 where !isDone.load(ordering: .acquiring) { try? await Task.sleep(for: .milliseconds(10)) }
    }
}
