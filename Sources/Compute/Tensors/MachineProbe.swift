internal import CPUKernels

/// Measures what a machine can do at most, on all threads of a pool at once.
///
/// Every figure is the best millisecond of several hundred: on a machine shared with others there are some in which all
/// threads run undisturbed.
public struct MachineProbe: Sendable {
    private let pool: ThreadPool
    private let level: KernelLevel

    /// How often a figure is measured; the scheduler may take one time to give every thread a processor.
    private static let tries = 3
    /// How long one try takes, in seconds.
    private static let duration = 0.3
    /// The stretch of time that is the best, in seconds.
    private static let window = 0.001
    /// Rounds of a piece: some tens of microseconds.
    private static let rounds = 1 << 14
    /// Bytes that a thread reads per piece, likewise.
    private static let stretch = 1 << 20

    /// A probe of the pool's threads with the kernels' instruction set.
    public init(pool: ThreadPool, level: KernelLevel = .chosen) {
        self.pool = pool
        self.level = level
    }

    /// Billions of 8-bit operations per second, two per multiply-add.
    public func integerPeak() -> Double {
        peak { probe_integer_operations(Int32(level.rawValue), Self.rounds) }
    }

    /// Billions of single-precision operations per second, two per multiply-add.
    public func floatPeak() -> Double {
        peak { probe_float_operations(Int32(level.rawValue), Self.rounds) }
    }

    /// Billions of operations per second with bfloat16 dot products; `nil` where the level or the machine has none.
    public func bfloatPeak() -> Double? {
        guard probe_bfloat_operations(Int32(level.rawValue), 1) > 0 else { return nil }
        return peak { probe_bfloat_operations(Int32(level.rawValue), Self.rounds) }
    }

    /// Nanoseconds from one barrier of all threads to the next: how far apart their cores are.
    ///
    /// Some 100 where the cores share a cache, several times that where they don't, and every line of memory that one core
    /// takes from the other costs as much. A virtual machine may be one thing now and the other a minute later.
    public func barrierNanoseconds() -> Double {
        let count = 20_000
        let shortest = (0..<Self.tries).map { _ in
            ContinuousClock().measure {
                pool.run { worker in
                    for _ in 0..<count { worker.barrier() }
                }
            }
        }.min()
        return (shortest ?? .zero) / .nanoseconds(count)
    }

    /// Billions of bytes per second that all threads together read from a buffer of `megabytes` each, round and round.
    ///
    /// - Throws: `TensorError.outOfMemory`.
    public func readBandwidth(megabytes: Int) throws(TensorError) -> Double {
        let size = megabytes << 20
        let memory = try AlignedMemory(byteCount: size * pool.threadCount)
        guard let base = memory.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
        // Pages that were never written are all one page of zeros. Who reads a page makes it.
        pool.run { worker in (base + worker.index * size).update(repeating: 1, count: size) }
        // How many streams are quickest differs between machines and levels of the cache.
        return [1, 2, 4].reduce(0) { highest, streams in
            let rate = best { worker, piece in
                let bytes = base + (worker.index * size + piece % megabytes * Self.stretch)
                return Double(probe_read(Int32(level.rawValue), bytes, Self.stretch, Int32(streams)))
            }
            return max(highest, rate)
        }
    }

    /// The best try of a piece of arithmetic that returns its operations.
    private func peak(_ operations: () -> Double) -> Double {
        (0..<Self.tries).reduce(0) { highest, _ in max(highest, best { _, _ in operations() }) }
    }

    /// Billions per second of what a piece of work returns, all workers together; every piece must return the same.
    private func best(_ work: (_ worker: Worker, _ piece: Int) -> Double) -> Double {
        var times = [[Double]](repeating: [], count: pool.threadCount)
        var amounts = [Double](repeating: 0, count: pool.threadCount)
        let begin = ContinuousClock.now
        times.withUnsafeMutableBufferPointer { times in
            amounts.withUnsafeMutableBufferPointer { amounts in
                pool.run { worker in
                    worker.barrier()
                    var ends = [begin.duration(to: .now) / .seconds(1)]
                    let last = ends[0] + Self.duration
                    repeat {
                        amounts[worker.index] = work(worker, ends.count - 1)
                        ends.append(begin.duration(to: .now) / .seconds(1))
                    } while ends[ends.count - 1] < last
                    times[worker.index] = ends
                }
            }
        }
        return JointRate(times: times).highest(window: Self.window) * amounts[0] / 1e9
    }
}
