internal import Glibc
internal import Synchronization

/// Makes the pages of a large block of memory in the background, so that neither a start nor a request waits for them.
///
/// Memory from the kernel has no pages until it is touched. Making gigabytes of them takes from a tenth of a second to,
/// on a virtual machine whose host makes its own, several seconds. The thread that does it gives way to all others.
public final class PagePopulation: Sendable {
    /// What the thread and its owner share.
    private final class Progress: Sendable {
        let isCancelled = Atomic(false)
    }

    /// What the thread is started with.
    private final class Work: Sendable {
        let memory: AlignedMemory
        let progress: Progress

        init(memory: AlignedMemory, progress: Progress) {
            self.memory = memory
            self.progress = progress
        }
    }

    private static let chunkBytes = 8 << 20
    /// From `linux/mman.h`, since Linux 5.14: writable pages, whose contents stay as they are.
    private static let populateWrite: Int32 = 23

    /// `SCHED_IDLE` of `linux/sched.h`: only when no other thread wants the core.
    private static let idleSchedule: Int32 = 5

    private let progress = Progress()
    private let thread: pthread_t

    /// Starts a thread that ends when the memory is done or its owner goes.
    ///
    /// The memory may be used meanwhile. `nil` when there is no thread to be had, and then all pages are there on return, or
    /// when the kernel is too old, and then the memory is zeroed, as only memory that nobody has written may be.
    public init?(of memory: AlignedMemory) {
        guard Self.populate(memory, 0..<min(Self.chunkBytes, memory.bytes.count)) else {
            memory.bytes.initializeMemory(as: UInt8.self, repeating: 0)
            return nil
        }
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(memory: memory, progress: progress))
        let code = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                PagePopulation.run(Unmanaged<Work>.fromOpaque(argument).takeRetainedValue())
                return nil
            },
            work.toOpaque()
        )
        guard code == 0 else {
            work.release()
            _ = Self.populate(memory, 0..<memory.bytes.count)
            return nil
        }
        self.thread = thread
    }

    deinit {
        progress.isCancelled.store(true, ordering: .relaxed)
        pthread_join(thread, nil)
    }

    private static func run(_ work: Work) {
        var priority = sched_param()
        pthread_setschedparam(pthread_self(), idleSchedule, &priority)
        let count = work.memory.bytes.count
        for start in stride(from: 0, to: count, by: chunkBytes) {
            guard !work.progress.isCancelled.load(ordering: .relaxed) else { return }
            guard populate(work.memory, start..<min(start + chunkBytes, count)) else { return }
        }
    }

    private static func populate(_ memory: AlignedMemory, _ range: Range<Int>) -> Bool {
        guard let start = memory.bytes.baseAddress else { return true }
        return madvise(start + range.lowerBound, range.count, populateWrite) == 0
    }
}
