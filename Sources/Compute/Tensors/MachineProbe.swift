internal import CPUKernels

/// Measures what a machine can do at most, on all threads of a pool at once; the best of several tries.
public struct MachineProbe: Sendable {
    private let pool: ThreadPool
    private let level: KernelLevel
    private static let tries = 5

    /// A probe of the pool's threads with the kernels' instruction set.
    public init(pool: ThreadPool, level: KernelLevel = .chosen) {
        self.pool = pool
        self.level = level
    }

    /// Billions of 8-bit operations per second, two per multiply-add.
    public func integerPeak() -> Double {
        best { probe_integer_operations(Int32(level.rawValue), 3_000_000) }
    }

    /// Billions of single-precision operations per second, two per multiply-add.
    public func floatPeak() -> Double {
        best { probe_float_operations(Int32(level.rawValue), 3_000_000) }
    }

    /// Billions of bytes per second that all threads together read from a buffer of `megabytes` each.
    ///
    /// - Throws: `TensorError.outOfMemory`.
    public func readBandwidth(megabytes: Int) throws(TensorError) -> Double {
        let size = megabytes << 20
        let memory = try AlignedMemory(byteCount: size * pool.threadCount)
        memory.bytes.initializeMemory(as: UInt8.self, repeating: 1)
        guard let base = memory.bytes.baseAddress else { return 0 }
        let rounds = max(1, 256 / megabytes)
        let bytes = base.assumingMemoryBound(to: UInt8.self)
        var sums = [UInt64](repeating: 0, count: pool.threadCount)
        let threads = pool.threadCount
        return sums.withUnsafeMutableBufferPointer { sums in
            var shortest = Double.infinity
            for _ in 0..<Self.tries {
                let begin = ContinuousClock.now
                pool.run { worker in
                    for _ in 0..<rounds { sums[worker.index] ^= probe_read(bytes + worker.index * size, size) }
                }
                shortest = min(shortest, begin.duration(to: .now) / .seconds(1))
            }
            return Double(size * rounds * threads) / shortest / 1e9
        }
    }

    /// Operations per second of all workers together, in billions.
    private func best(_ operations: () -> Double) -> Double {
        var highest = 0.0
        var counts = [Double](repeating: 0, count: pool.threadCount)
        for _ in 0..<Self.tries {
            let begin = ContinuousClock.now
            counts.withUnsafeMutableBufferPointer { counts in
                pool.run { worker in counts[worker.index] = operations() }
            }
            highest = max(highest, counts.reduce(0, +) / (begin.duration(to: .now) / .seconds(1)) / 1e9)
        }
        return highest
    }
}
