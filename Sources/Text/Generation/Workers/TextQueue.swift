/// Which text work is next: short work and long work in a lane each, in order of arrival.
///
/// Long work is bounded in number and in memory, and there is a thread more than it may take, so short work never waits
/// for it; and one piece of long work may always run, so it never waits for ever.
package struct TextQueue: Sendable {
    /// Work that waits.
    package struct Job: Sendable {
        package var id: UInt64
        package var work: TextWork
        /// Does it and tells whoever waits.
        var run: @Sendable () -> Void
        /// Tells whoever waits why it isn't done.
        var refuse: @Sendable (GenerationError) -> Void

        /// Work that waits.
        package init(
            id: UInt64,
            work: TextWork,
            run: @escaping @Sendable () -> Void,
            refuse: @escaping @Sendable (GenerationError) -> Void,
        ) {
            self.id = id
            self.work = work
            self.run = run
            self.refuse = refuse
        }
    }

    private let limits: TextLimits
    private let longLimit: Int
    private var short: [Job] = []
    private var long: [Job] = []
    /// Bytes of text that wait.
    package private(set) var waitingBytes = 0
    private var longRunning = 0
    private var longMemory = 0

    /// A queue for so many pieces of long work at once.
    package init(limits: TextLimits, longLimit: Int) {
        self.limits = limits
        self.longLimit = longLimit
    }

    /// How many jobs wait.
    package var count: Int { short.count + long.count }

    /// Adds a job.
    ///
    /// - Throws: `.overloaded` when too many wait or their texts are too long together.
    package mutating func append(_ job: Job) throws(GenerationError) {
        guard count < limits.waitingJobs else {
            throw .overloaded(
                "the server is overloaded: \(count) texts wait to be tokenized, which is the limit; try again later"
            )
        }
        let (bytes, overflow) = waitingBytes.addingReportingOverflow(job.work.textBytes)
        guard !overflow && bytes <= limits.waitingBytes else {
            throw .overloaded(
                "the server is overloaded: \(waitingBytes) bytes of text wait to be tokenized, and \(job.work.textBytes) "
                    + "more would exceed the limit of \(limits.waitingBytes); try again later"
            )
        }
        waitingBytes = bytes
        if job.work.isShort { short.append(job) } else { long.append(job) }
    }

    /// The next job that may run now, if any.
    package mutating func take() -> Job? {
        let mayTakeLong = canRunLong
        if mayTakeLong && (longRunning == 0 || short.isEmpty) {
            let job = long.removeFirst()
            longRunning += 1
            longMemory = longMemory.addingReportingOverflow(job.work.memoryBytes).partialValue
            waitingBytes -= job.work.textBytes
            return job
        }
        guard !short.isEmpty else { return nil }
        let job = short.removeFirst()
        waitingBytes -= job.work.textBytes
        return job
    }

    /// Whether `take` would return a job.
    package var hasRunnable: Bool { !short.isEmpty || canRunLong }

    /// A job that was taken is done.
    package mutating func finish(_ work: TextWork) {
        guard !work.isShort else { return }
        longRunning -= 1
        longMemory = longMemory.subtractingReportingOverflow(work.memoryBytes).partialValue
    }

    /// Takes out a job that still waits.
    package mutating func remove(_ id: UInt64) -> Job? {
        for lane in [\Self.short, \Self.long] {
            guard let index = self[keyPath: lane].firstIndex(where: { $0.id == id }) else { continue }
            let job = self[keyPath: lane].remove(at: index)
            waitingBytes -= job.work.textBytes
            return job
        }
        return nil
    }

    /// Takes out all jobs that wait.
    package mutating func removeAll() -> [Job] {
        defer { (short, long, waitingBytes) = ([], [], 0) }
        return short + long
    }

    private var canRunLong: Bool {
        guard let next = long.first, longRunning < longLimit else { return false }
        if longRunning == 0 { return true }
        let (memory, overflow) = longMemory.addingReportingOverflow(next.work.memoryBytes)
        return !overflow && memory <= limits.memoryBytes
    }
}
