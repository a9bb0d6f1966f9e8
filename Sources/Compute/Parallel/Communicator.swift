/// Ranks that compute one model together, and what they exchange.
///
/// All ranks make the same calls in the same order. Sums add the ranks' parts in the order of the ranks, whatever the
/// size and the transport, so that all ranks hold the same bits and the bits depend on the number of ranks alone. No call
/// allocates in proportion to its data once it has been made with that much. One thread at a time uses a communicator.
public protocol Communicator: AnyObject, Sendable {
    /// This process's place, `0..<size`.
    var rank: Int { get }
    /// Number of ranks.
    var size: Int { get }

    /// Replaces `values` by their sum over all ranks.
    func allReduce(_ values: UnsafeMutableBufferPointer<Float>) throws(CommunicatorError)

    /// Sums `values` over all ranks and keeps only `counts[rank]` of them here, those behind the lower ranks' in `part`.
    func reduceScatter(
        _ values: UnsafeBufferPointer<Float>,
        counts: [Int],
        into part: UnsafeMutableBufferPointer<Float>,
    ) throws(CommunicatorError)

    /// Puts all ranks' parts one behind the other, `counts[rank]` bytes of each.
    func allGather(
        _ part: UnsafeRawBufferPointer,
        counts: [Int],
        into whole: UnsafeMutableRawBufferPointer,
    ) throws(CommunicatorError)

    /// Puts all ranks' numbers one behind the other, `counts[rank]` of each.
    ///
    /// They travel as numbers do that are summed: where that rounds them, all ranks get the rounded ones, of themselves too.
    func allGather(
        _ part: UnsafeBufferPointer<Float>,
        counts: [Int],
        into whole: UnsafeMutableBufferPointer<Float>,
    ) throws(CommunicatorError)

    /// Overwrites `bytes` by those of the rank `root`.
    func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) throws(CommunicatorError)

    /// Sends `bytes` to another rank, which receives as many.
    ///
    /// Returns before they are received while no more than 192 kB are on their way to that rank, so that ranks may send to
    /// each other at the same time; beyond that it waits for the other rank. What was sent by a communicator is received
    /// before both ranks add up or gather by the same one.
    func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) throws(CommunicatorError)

    /// Receives as many bytes as `bytes` holds from another rank, in the order in which they were sent.
    func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int) throws(CommunicatorError)

    /// Returns when all ranks have called it.
    func barrier() throws(CommunicatorError)

    /// The communicator of those ranks that give the same `color`, in the order of their present ranks.
    ///
    /// It may be used by another thread than this one, at the same time. It ends with this one.
    ///
    /// - Parameter isCounted: Whether it shares `traffic`, and its waiting counts as that of this one's `interruption`.
    func split(color: Int, isCounted: Bool) throws(CommunicatorError) -> any Communicator

    /// What ends the calls of this rank when another one is lost.
    var interruption: Interruption { get }

    /// What this rank has exchanged until now, by this communicator and all that were split from it or from which it was and
    /// that are counted.
    var traffic: CommunicatorTraffic { get }
}

/// Why ranks can't go on together.
public enum CommunicatorError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Another rank has died or doesn't answer.
    case lost(rank: Int, reason: String)
    /// The transport failed.
    case failed(String)

    /// The reason, for people.
    public var description: String {
        switch self {
        case .lost(let rank, let reason): "rank \(rank) is lost: \(reason)"
        case .failed(let reason): reason
        }
    }
}

extension Communicator {
    /// A group whose exchanges count as those of all.
    package func split(color: Int) throws(CommunicatorError) -> any Communicator {
        try split(color: color, isCounted: true)
    }
}
