internal import CPUKernels

/// What memory gives all threads of a pool at this time.
///
/// On a machine shared with others that changes from second to second, by a factor of two. So what reads memory for a
/// living is compared with what was measured just before and after it, averaged over a while, and not with the best
/// moment (see `MachineProbe`).
public struct ReadBandwidth: Sendable {
    private let pool: ThreadPool
    private let level: KernelLevel
    private let memory: AlignedMemory
    private let bytesPerThread: Int

    /// Bytes that a thread reads between two looks at the clock.
    private static let stretch = 1 << 20
    /// Streams that a thread reads at once; two are quickest from memory.
    private static let streams: Int32 = 2

    /// Reserves a buffer of `megabytes` for each thread: more than the caches hold.
    ///
    /// - Throws: `TensorError.outOfMemory`.
    public init(pool: ThreadPool, megabytes: Int = 128, level: KernelLevel = .chosen) throws(TensorError) {
        self.pool = pool
        self.level = level
        let bytesPerThread = megabytes << 20
        self.bytesPerThread = bytesPerThread
        memory = try AlignedMemory(byteCount: bytesPerThread * pool.threadCount)
        let bytes = memory.bytes
        // Pages that were never written are all one page of zeros. Who reads a page makes it.
        pool.run { worker in
            let part = bytes[worker.index * bytesPerThread..<(worker.index + 1) * bytesPerThread]
            UnsafeMutableRawBufferPointer(rebasing: part).initializeMemory(as: UInt8.self, repeating: 1)
        }
    }

    /// Billions of bytes per second over a fifth of a second.
    public func measure() -> Double {
        guard let base = memory.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
        let duration = Duration.milliseconds(200)
        var read = [Int](repeating: 0, count: pool.threadCount)
        let begin = ContinuousClock.now
        read.withUnsafeMutableBufferPointer { read in
            pool.run { worker in
                let own = base + worker.index * bytesPerThread
                var count = 0
                while begin.duration(to: .now) < duration {
                    let from = own + count % bytesPerThread
                    _ = probe_read(Int32(level.rawValue), from, Self.stretch, Self.streams)
                    count += Self.stretch
                }
                read[worker.index] = count
            }
        }
        return Double(read.reduce(0, +)) / (begin.duration(to: .now) / .seconds(1)) / 1e9
    }
}
