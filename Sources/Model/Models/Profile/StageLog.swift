internal import Glibc
internal import Tensors

/// Times of stages, noted while passes run.
///
/// It has room for a bounded number of them; further ones aren't noted.
final class StageLog {
    private let memory = UnsafeMutableBufferPointer<StageTime>.allocate(capacity: 1 << 14)
    private let count = UnsafeMutablePointer<Int>.allocate(capacity: 1)

    init() { count.initialize(to: 0) }

    deinit {
        memory.deallocate()
        count.deallocate()
    }

    /// What workers note times with, as long as the log is there.
    var pen: Pen { Pen(memory: memory, count: count) }

    /// What was noted since the last call, oldest first.
    ///
    /// Precondition: no pass runs.
    func take() -> [StageTime] {
        defer { count.pointee = 0 }
        return Array(memory[..<count.pointee])
    }

    /// Notes times for the first worker of a pass; others' calls do nothing.
    struct Pen: @unchecked Sendable {  // one worker writes, and the log is read between passes
        fileprivate let memory: UnsafeMutableBufferPointer<StageTime>
        fileprivate let count: UnsafeMutablePointer<Int>

        /// Notes that a stage has ended.
        func note(_ stage: StageTime.Stage, layer: Int = 0, by worker: Worker) {
            guard worker.index == 0, count.pointee < memory.count else { return }
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            let seconds = Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
            memory.initializeElement(at: count.pointee, to: StageTime(stage: stage, layer: layer, seconds: seconds))
            count.pointee += 1
        }
    }
}
