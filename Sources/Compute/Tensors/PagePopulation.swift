internal import Glibc
internal import Synchronization

/// Makes the pages of a large block of memory in the background, so that neither a start nor a request waits for them.
///
/// Memory from the kernel has no pages until it is touched. Making gigabytes of them takes from a tenth of a second to,
/// on a virtual machine whose host makes its own, several seconds. The thread that does it gives way to all others, and
/// while a thread pool computes, it works only a tenth of the time: the pool's barriers yield, and a thread of the lowest
/// priority may then hold a core until the next tick.
public final class PagePopulation: Sendable {
    /// What the thread and its owner share.
    private final class Progress: Sendable {
        let isCancelled = Atomic(false)
    }

    /// What the thread is started with.
    private final class Work: Sendable {
        let memory: AlignedMemory
        let stripes: Int
        let pool: ThreadPool?
        let progress: Progress

        init(memory: AlignedMemory, stripes: Int, pool: ThreadPool?, progress: Progress) {
            self.memory = memory
            self.stripes = stripes
            self.pool = pool
            self.progress = progress
        }
    }

    private static let chunkBytes = 2 << 20
    /// From `linux/mman.h`, since Linux 5.14: writable pages, whose contents stay as they are.
    private static let populateWrite: Int32 = 23

    private let progress = Progress()
    private let thread: pthread_t

    /// Starts a thread that ends when the memory is done or its owner goes.
    ///
    /// The memory is made of `stripes` equal parts that are used from their beginnings on, side by side.
    ///
    /// The memory may be used meanwhile. `nil` when there is no thread to be had, and then all pages are there on return, or
    /// when the kernel is too old, and then the memory is zeroed, as only memory that nobody has written may be.
    public init?(of memory: AlignedMemory, stripes: Int = 1, givingWayTo pool: ThreadPool? = nil) {
        guard Self.populate(memory, 0..<min(Self.chunkBytes, memory.bytes.count)) else {
            memory.bytes.initializeMemory(as: UInt8.self, repeating: 0)
            return nil
        }
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(memory: memory, stripes: stripes, pool: pool, progress: progress))
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
        IdlePriority.take()
        for range in pieces(of: work.memory.bytes.count, stripes: work.stripes) {
            guard !work.progress.isCancelled.load(ordering: .relaxed) else { return }
            let begin = ContinuousClock.now
            guard populate(work.memory, range) else { return }
            guard work.pool?.isRunning == true else { continue }
            let rest = 9 * (begin.duration(to: .now) / .microseconds(1))
            usleep(UInt32(min(rest, 500_000)))
        }
    }

    /// Chunks of some memory: the first of every stripe, then the second of every stripe, and so on.
    package static func pieces(of count: Int, stripes: Int) -> some Sequence<Range<Int>> {
        let pages = (count + chunkBytes - 1) / chunkBytes
        let perStripe = (pages + stripes - 1) / stripes
        return (0..<perStripe * stripes).lazy.map { index in
            let page = index % stripes * perStripe + index / stripes
            return min(page * chunkBytes, count)..<min((page + 1) * chunkBytes, count)
        }.filter { !$0.isEmpty }
    }

    private static func populate(_ memory: AlignedMemory, _ range: Range<Int>) -> Bool {
        guard let start = memory.bytes.baseAddress else { return true }
        return madvise(start + range.lowerBound, range.count, populateWrite) == 0
    }
}
