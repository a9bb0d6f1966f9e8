/// Work that no client waits for, in tasks that the server ends.
struct BackgroundWork: Sendable {
    typealias Job = @Sendable () async -> Void

    private let jobs: AsyncStream<Job>
    private let delivery: AsyncStream<Job>.Continuation

    init() { (jobs, delivery) = AsyncStream<Job>.makeStream() }

    /// Has a job done.
    func start(_ job: @escaping Job) { delivery.yield(job) }

    /// Does all jobs, each in a task, until cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await job in jobs { group.addTask { await job() } }
        }
    }
}
