internal import CPUKernels

/// Measures what a machine can do at most, on all threads of a pool at once.
///
/// Every figure is the best of many pieces of one to two milliseconds: on a machine shared with others some pieces find
/// all of the threads undisturbed, which a long measurement never does.
public struct MachineProbe: Sendable {
    private let pool: ThreadPool
    private let level: KernelLevel

    /// Pieces of one figure.
    private static let pieces = 200
    /// Shortest piece, in seconds; against it, waking the threads costs next to nothing.
    private static let shortestPiece = 0.001
    /// Bytes of a buffer that a thread reads without a pause: about a piece's worth from memory.
    private static let window = 16 << 20

    /// A probe of the pool's threads with the kernels' instruction set.
    public init(pool: ThreadPool, level: KernelLevel = .chosen) {
        self.pool = pool
        self.level = level
    }

    /// Billions of 8-bit operations per second, two per multiply-add.
    public func integerPeak() -> Double {
        best { _, rounds in probe_integer_operations(Int32(level.rawValue), rounds << 10) }
    }

    /// Billions of single-precision operations per second, two per multiply-add.
    public func floatPeak() -> Double {
        best { _, rounds in probe_float_operations(Int32(level.rawValue), rounds << 10) }
    }

    /// Billions of operations per second with bfloat16 dot products; `nil` where the level or the machine has none.
    public func bfloatPeak() -> Double? {
        guard probe_bfloat_operations(Int32(level.rawValue), 1) > 0 else { return nil }
        return best { _, rounds in probe_bfloat_operations(Int32(level.rawValue), rounds << 10) }
    }

    /// Billions of bytes per second that all threads together read from a buffer of `megabytes` each.
    ///
    /// A buffer longer than a piece is read window by window in turn, so that what is read was always longest ago.
    ///
    /// - Throws: `TensorError.outOfMemory`.
    public func readBandwidth(megabytes: Int) throws(TensorError) -> Double {
        let size = megabytes << 20
        let memory = try AlignedMemory(byteCount: size * pool.threadCount)
        guard let base = memory.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
        // Pages that were never written are all the same page of zeros. Who reads a page makes it.
        pool.run { worker in (base + worker.index * size).update(repeating: 1, count: size) }
        let window = min(size, Self.window)
        var turns = [Int](repeating: 0, count: pool.threadCount)
        return turns.withUnsafeMutableBufferPointer { turns in
            // How many streams the memory likes best differs between machines and levels of the cache.
            [1, 2, 4].reduce(0) { highest, streams in
                let rate = best { worker, rounds in
                    var bytes = 0
                    for _ in 0..<rounds {
                        let offset = turns[worker.index] % (size / window) * window
                        turns[worker.index] += 1
                        bytes += probe_read(
                            Int32(level.rawValue),
                            base + (worker.index * size + offset),
                            window,
                            Int32(streams)
                        )
                    }
                    return Double(bytes)
                }
                return max(highest, rate)
            }
        }
    }

    /// Billions per second of what `work` does in a number of rounds, all workers together.
    private func best(_ work: (_ worker: Worker, _ rounds: Int) -> Double) -> Double {
        var rounds = 1
        while shortest(of: 3, { work($0, rounds) }).seconds < Self.shortestPiece, rounds < 1 << 30 { rounds *= 2 }
        let piece = shortest(of: Self.pieces) { work($0, rounds) }
        return piece.amount / piece.seconds / 1e9
    }

    /// The quickest of some pieces: the amounts of all workers together, and how long they took.
    private func shortest(of tries: Int, _ work: (Worker) -> Double) -> (amount: Double, seconds: Double) {
        var amounts = [Double](repeating: 0, count: pool.threadCount)
        var seconds = Double.infinity
        amounts.withUnsafeMutableBufferPointer { amounts in
            for _ in 0..<tries {
                let begin = ContinuousClock.now
                pool.run { worker in amounts[worker.index] = work(worker) }
                seconds = min(seconds, begin.duration(to: .now) / .seconds(1))
            }
        }
        return (amounts.reduce(0, +), seconds)
    }
}
