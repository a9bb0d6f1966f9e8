import NIOPosix

/// Threads for the work on requests before their first byte: JSON, mapping, whole answers.
///
/// It may take long, so it isn't done where streams are written, nor on the event loops, which answer `/health`. Large
/// bodies have threads of their own, so that small ones don't wait for them.
struct WorkThreads: Sendable {
    private static let largeBytes = 256 << 10

    private let small: Executor
    private let large: Executor

    /// Starts them.
    ///
    /// - Parameter count: Threads for bodies of each kind.
    init(count: Int) {
        small = Executor(NIOThreadPool(numberOfThreads: count))
        large = Executor(NIOThreadPool(numberOfThreads: count))
    }

    /// Where the work on a request with a body of so many bytes is done.
    func executor(forBodyOf bytes: Int) -> any TaskExecutor { bytes < Self.largeBytes ? small : large }

    /// Ends them.
    func stop() async {
        for executor in [small, large] { try? await executor.pool.shutdownGracefully() }
    }

    private final class Executor: TaskExecutor {
        let pool: NIOThreadPool

        init(_ pool: NIOThreadPool) {
            self.pool = pool
            pool.start()
        }

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            pool.submit { _ in job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }
}
