/// The only rank: it has everything already, and nothing travels.
public final class SingleProcess: Communicator {
    /// Nothing interrupts it.
    public let interruption = Interruption()
    /// The first.
    public var rank: Int { 0 }
    /// One.
    public var size: Int { 1 }
    /// Nothing was exchanged.
    public var traffic: CommunicatorTraffic { CommunicatorTraffic() }

    /// A communicator of one rank.
    public init() {}

    /// The sum is what is there.
    public func allReduce(_ values: UnsafeMutableBufferPointer<Float>) {}

    /// The part is the whole.
    ///
    /// - Throws: `CommunicatorError.failed` unless the counts say so.
    public func reduceScatter(
        _ values: UnsafeBufferPointer<Float>,
        counts: [Int],
        into part: UnsafeMutableBufferPointer<Float>,
    ) throws(CommunicatorError) {
        try CallChecks.check(counts: counts, ranks: 1, total: values.count, own: part.count, rank: 0)
        _ = part.update(fromContentsOf: values)
    }

    /// The whole is the part.
    ///
    /// - Throws: `CommunicatorError.failed` unless the counts say so.
    public func allGather(
        _ part: UnsafeRawBufferPointer,
        counts: [Int],
        into whole: UnsafeMutableRawBufferPointer,
    ) throws(CommunicatorError) {
        try CallChecks.check(counts: counts, ranks: 1, total: whole.count, own: part.count, rank: 0)
        whole.copyMemory(from: part)
    }

    /// The whole is the part.
    ///
    /// - Throws: `CommunicatorError.failed` unless the counts say so.
    public func allGather(
        _ part: UnsafeBufferPointer<Float>,
        counts: [Int],
        into whole: UnsafeMutableBufferPointer<Float>,
    ) throws(CommunicatorError) {
        try CallChecks.check(counts: counts, ranks: 1, total: whole.count, own: part.count, rank: 0)
        _ = whole.update(fromContentsOf: part)
    }

    /// The bytes stay.
    ///
    /// - Throws: `CommunicatorError.failed` unless the root is this rank.
    public func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) throws(CommunicatorError) {
        try CallChecks.check(rank: root, ranks: 1)
    }

    /// There is nobody to send to.
    ///
    /// - Throws: `CommunicatorError.failed`, always.
    public func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) throws(CommunicatorError) {
        try CallChecks.check(peer: rank, of: 0, ranks: 1)
    }

    /// There is nobody to receive from.
    ///
    /// - Throws: `CommunicatorError.failed`, always.
    public func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int) throws(CommunicatorError) {
        try CallChecks.check(peer: rank, of: 0, ranks: 1)
    }

    /// All have come.
    public func barrier() {}

    /// Another of the same.
    public func split(color: Int, isCounted: Bool) -> any Communicator { SingleProcess() }
}
