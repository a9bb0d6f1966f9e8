import Foundation
import Glibc
import Synchronization
import Tensors
import Testing

/// What the system says of threads.
@Suite struct ThreadInspectionTests {
    /// A thread of its own that does something, and its number.
    private static func thread(_ body: @escaping @Sendable () -> Void) -> Int32 {
        let (number, hasBegun) = (Number(), DispatchSemaphore(value: 0))
        Thread.detachNewThread {
            number.value.store(ThreadInspection.thisThread, ordering: .relaxed)
            hasBegun.signal()
            body()
        }
        hasBegun.wait()
        return number.value.load(ordering: .relaxed)
    }

    private final class Number: Sendable { let value = Atomic<Int32>(0) }

    private static func comesTrue(_ condition: () -> Bool) -> Bool {
        for _ in 0..<500 {
            if condition() { return true }
            usleep(10_000)
        }
        return false
    }

    @Test func aThreadThatRunsIsHeldUpAndOneThatSleepsIsNot() {
        let isOver = Flag()
        let busy = Self.thread { while !isOver.value.load(ordering: .relaxed) {} }
        let asleep = Self.thread { while !isOver.value.load(ordering: .relaxed) { usleep(200_000) } }
        defer { isOver.value.store(true, ordering: .relaxed) }
        #expect(ThreadInspection.isHeldUp(busy))
        let before = ThreadInspection.processorTime(of: busy)
        #expect(Self.comesTrue { ThreadInspection.processorTime(of: busy) > before })
        #expect(Self.comesTrue { !ThreadInspection.isHeldUp(asleep) })
    }

    private final class Flag: Sendable { let value = Atomic(false) }

    @Test func aThreadInUninterruptibleSleepIsHeldUp() throws {
        let pipe = FileManager.default.temporaryDirectory.appending(path: "held-up-\(UUID().uuidString)").path
        try #require(mkfifo(pipe, 0o600) == 0)
        defer { unlink(pipe) }
        // Who starts a program waits uninterruptibly until it runs; this one first opens a pipe that nobody writes to yet.
        let hasEnded = DispatchSemaphore(value: 0)
        let waiting = Self.thread {
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, pipe, O_RDONLY, 0)
            var process: pid_t = 0
            if posix_spawn(&process, "/bin/true", &actions, nil, [nil], [nil]) == 0 { waitpid(process, nil, 0) }
            posix_spawn_file_actions_destroy(&actions)
            hasEnded.signal()
        }
        #expect(
            Self.comesTrue { ThreadInspection.isHeldUp(waiting) && ThreadInspection.processorTime(of: waiting) > 0 }
        )
        usleep(300_000)
        let before = ThreadInspection.processorTime(of: waiting)
        usleep(300_000)
        #expect(ThreadInspection.isHeldUp(waiting), "it uses no core, and yet doesn't sleep like one that waits")
        #expect(ThreadInspection.processorTime(of: waiting) == before)
        let writer = open(pipe, O_WRONLY)
        #expect(hasEnded.wait(timeout: .now() + 10) == .success)
        close(writer)
    }

    @Test func aThreadThatHasEndedIsNot() {
        let hasEnded = Self.thread {}
        #expect(Self.comesTrue { ThreadInspection.processorTime(of: hasEnded) == 0 })
        #expect(!ThreadInspection.isHeldUp(hasEnded))
        #expect(!ThreadInspection.isHeldUp(0))
    }
}
