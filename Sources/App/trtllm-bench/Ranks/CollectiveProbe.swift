internal import Parallel

/// Measures the collective calls of some ranks; all of them make the same calls.
struct CollectiveProbe {
    private static let warmUp = 100

    let communicator: any Communicator
    let rounds: Int

    /// Microseconds that calls take on this rank, each of them.
    ///
    /// - Parameter byteCount: Bytes of single-precision numbers that are added up.
    /// - Throws: `CommunicatorError` when a rank is lost.
    func allReduce(byteCount: Int) throws -> [Double] {
        let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: byteCount / MemoryLayout<Float>.size)
        defer { values.deallocate() }
        values.initialize(repeating: 0)
        return try times { () throws(CommunicatorError) in try communicator.allReduce(values) }
    }

    /// The same of barriers.
    func barrier() throws -> [Double] { try times { () throws(CommunicatorError) in try communicator.barrier() } }

    private func times(_ call: () throws(CommunicatorError) -> Void) throws -> [Double] {
        for _ in 0..<min(Self.warmUp, rounds) { try call() }
        return try (0..<rounds).map { _ in
            let start = ContinuousClock.now
            try call()
            return start.duration(to: .now) / .microseconds(1)
        }
    }
}
