import Generation
import Glibc
import Synchronization
import Testing

private let short = TextWork(textBytes: 10)
private let long = TextWork(textBytes: 1 << 20)

/// Workers of one thread for long work and one more, with what keeps the former busy.
private struct Bench {
    let workers: TextWorkers
    let door = Door()

    init() {
        var limits = TextLimits()
        limits.workerThreads = 1
        workers = TextWorkers(limits: limits)
        door.close()
    }

    /// Begins long work that ends when the door is opened, and returns when it runs.
    func occupy() async -> Task<Void, any Error> {
        let (begun, door) = (OnceFlag(), door)
        let task = Task { [workers] in
            try await workers.run(long) { _ in
                begun.raise()
                door.pass()
            }
        }
        await until { begun.isRaised }
        return task
    }
}

/// Waits for what is sure to come.
private func until(_ condition: () -> Bool) async {
    while !condition() { try? await Task.sleep(for: .milliseconds(1)) }
}

private func isCancelled(_ error: any Error) -> Bool {
    if case GenerationError.cancelled = error { true } else { false }
}

private func threadName() -> String {
    let file = open("/proc/thread-self/comm", O_RDONLY)
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = read(file, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count - 1)), as: UTF8.self)
}

/// Where the calling thread is in the file system, as long as it is.
private func threadPath() -> String {
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = bytes.withUnsafeMutableBytes { $0.baseAddress.map { readlink("/proc/thread-self", $0, 64) } ?? 0 }
    return "/proc/" + String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
}

@Suite struct TextWorkersTests {
    @Test func shortWorkDoesNotWaitForLongWork() async throws {
        let bench = Bench()
        let occupant = await bench.occupy()
        let waiting = Task { try await bench.workers.run(long) { _ in } }
        for number in 0..<100 { #expect(try await bench.workers.run(short) { _ in number } == number) }
        bench.door.open()
        try await occupant.value
        try await waiting.value
    }

    @Test func workRunsOnThreadsOfItsOwn() async throws {
        let workers = TextWorkers()
        for work in [short, long] { #expect(try await workers.run(work) { _ in threadName() } == "text-worker") }
    }

    @Test func cancelledWorkIsDroppedWhileItWaits() async throws {
        let bench = Bench()
        let occupant = await bench.occupy()
        let ran = OnceFlag()
        let waiting = (0..<8).map { _ in Task { try await bench.workers.run(long) { _ in ran.raise() } } }
        for task in waiting { task.cancel() }
        // The occupant is still there: whoever waited is let go all the same.
        for task in waiting { await #expect { try await task.value } throws: { isCancelled($0) } }
        let next = Task { try await bench.workers.run(long) { _ in 7 } }
        bench.door.open()
        try await occupant.value
        #expect(try await next.value == 7)
        #expect(!ran.isRaised)
    }

    @Test func workOfACancelledTaskIsNotBegun() async {
        let workers = TextWorkers()
        let ran = OnceFlag()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await workers.run(short) { _ in ran.raise() }
        }
        await #expect { try await task.value } throws: { isCancelled($0) }
        #expect(!ran.isRaised)
    }

    @Test func runningWorkIsToldThatNobodyWaits() async throws {
        let workers = TextWorkers()
        let begun = OnceFlag()
        let task = Task {
            try await workers.run(long) { isCancelled in
                begun.raise()
                while !isCancelled() { usleep(100) }
                return 5
            }
        }
        await until { begun.isRaised }
        task.cancel()
        #expect(try await task.value == 5)
    }

    @Test func errorsOfTheWorkAreThrown() async {
        let workers = TextWorkers()
        await #expect {
            try await workers.run(short) { _ throws(GenerationError) in throw .emptyPrompt }
        } throws: { "\($0)" == GenerationError.emptyPrompt.description }
    }

    @Test func manyAtOnceAllGetTheirTurn() async throws {
        let workers = TextWorkers()
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<1000 {
                group.addTask { try await workers.run(number % 3 == 0 ? long : short) { _ in number } }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 499_500)
    }

    @Test func threadsEndWithTheLastReference() async throws {
        var workers: TextWorkers? = TextWorkers()
        var threads: [String] = []
        for work in [short, long] {
            if let workers { threads.append(try await workers.run(work) { _ in threadPath() }) }
        }
        workers = nil
        await until { threads.allSatisfy { access($0, F_OK) != 0 } }
    }
}
