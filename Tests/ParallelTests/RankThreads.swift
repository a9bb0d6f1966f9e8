import Foundation
import Parallel
import Synchronization

/// Runs ranks as threads of the test.
enum RankThreads {
    /// Does something some seconds from now.
    static func later(_ seconds: Int, _ body: @escaping @Sendable () -> Void) {
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(seconds), execute: body)
    }

    /// What each rank's thread returns, in the order of the ranks.
    ///
    /// - Throws: the first error of a rank.
    static func run<Value: Sendable>(
        _ communicators: [any Communicator],
        _ body: @escaping @Sendable (any Communicator) throws -> Value,
    ) throws -> [Value] {
        try results(communicators, body).map { try $0.get() }
    }

    /// What each rank's thread returns or throws.
    static func results<Value: Sendable>(
        _ communicators: [any Communicator],
        _ body: @escaping @Sendable (any Communicator) throws -> Value,
    ) -> [Result<Value, any Error>] {
        results(count: communicators.count) { try body(communicators[$0]) }
    }

    /// What each of `count` threads returns or throws.
    static func results<Value: Sendable>(
        count: Int,
        _ body: @escaping @Sendable (Int) throws -> Value,
    ) -> [Result<Value, any Error>] {
        let results = Mutex<[Int: Result<Value, any Error>]>([:])
        let group = DispatchGroup()
        for index in 0..<count {
            group.enter()
            Thread.detachNewThread {
                let result = Result { try body(index) }
                results.withLock { $0[index] = result }
                group.leave()
            }
        }
        group.wait()
        return results.withLock { results in (0..<count).compactMap { results[$0] } }
    }
}

/// Numbers that differ by rank and place, and whose sum depends on the order of adding.
func numbers(_ rank: Int, _ count: Int) -> [Float] {
    (0..<count).map { Float((rank &* 7919 &+ $0 &* 104_729) % 10_007) * 0.1371 - 613.7 }
}

/// The sum of what `ranks` ranks have, added in their order.
func expectedSum(_ ranks: Int, _ count: Int) -> [Float] {
    (1..<ranks).reduce(numbers(0, count)) { sum, rank in zip(sum, numbers(rank, count)).map { $0 + $1 } }
}

extension Communicator {
    /// The sum over all ranks of `values`.
    func sum(_ values: [Float]) throws(CommunicatorError) -> [Float] {
        let copy = UnsafeMutableBufferPointer<Float>.allocate(capacity: values.count)
        defer { copy.deallocate() }
        _ = copy.initialize(fromContentsOf: values)
        try allReduce(copy)
        return Array(copy)
    }

    /// All ranks' bytes.
    func gather(_ bytes: [UInt8], counts: [Int]) throws(CommunicatorError) -> [UInt8] {
        let whole = UnsafeMutableRawBufferPointer.allocate(byteCount: counts.reduce(0, +), alignment: 1)
        defer { whole.deallocate() }
        let part = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { part.deallocate() }
        part.copyBytes(from: bytes)
        try allGather(UnsafeRawBufferPointer(part), counts: counts, into: whole)
        return Array(whole)
    }

    /// All ranks' numbers.
    func gatherNumbers(_ values: [Float], counts: [Int]) throws(CommunicatorError) -> [Float] {
        let whole = UnsafeMutableBufferPointer<Float>.allocate(capacity: counts.reduce(0, +))
        defer { whole.deallocate() }
        whole.initialize(repeating: .nan)
        let part = UnsafeMutableBufferPointer<Float>.allocate(capacity: values.count)
        defer { part.deallocate() }
        _ = part.initialize(fromContentsOf: values)
        try allGather(UnsafeBufferPointer(part), counts: counts, into: whole)
        return Array(whole)
    }

    /// The bytes of `root`.
    func broadcast(_ bytes: [UInt8], from root: Int) throws(CommunicatorError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { buffer.deallocate() }
        buffer.copyBytes(from: bytes)
        try broadcast(buffer, from: root)
        return Array(buffer)
    }

    /// Sends bytes.
    func send(_ bytes: [UInt8], to rank: Int) throws(CommunicatorError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { buffer.deallocate() }
        buffer.copyBytes(from: bytes)
        try send(UnsafeRawBufferPointer(buffer), to: rank)
    }

    /// Receives bytes.
    func receive(_ count: Int, from rank: Int) throws(CommunicatorError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        defer { buffer.deallocate() }
        try receive(buffer, from: rank)
        return Array(buffer)
    }

    /// This rank's share of the sum.
    func scatterSum(_ values: [Float], counts: [Int]) throws(CommunicatorError) -> [Float] {
        let copy = UnsafeMutableBufferPointer<Float>.allocate(capacity: values.count)
        defer { copy.deallocate() }
        _ = copy.initialize(fromContentsOf: values)
        let part = UnsafeMutableBufferPointer<Float>.allocate(capacity: counts[rank])
        defer { part.deallocate() }
        part.initialize(repeating: 0)
        try reduceScatter(UnsafeBufferPointer(copy), counts: counts, into: part)
        return Array(part)
    }
}
