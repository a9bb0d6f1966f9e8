internal import CRanks

/// Ranks that share memory: processes of one host, or threads of one process.
///
/// A collective call takes one step for each 256 kB: a rank writes its part into its slot, says so in its flag, waits for
/// the others' flags and reads their slots. Slots alternate, so that no rank has to wait until all have read: before a
/// rank writes a slot again, each has said in the call between that it is done with the one before.
package final class SharedMemoryCommunicator: Communicator, @unchecked Sendable {  // one thread at a time calls
    package let rank: Int
    package let interruption: Interruption
    let layout: SharedLayout
    let wire: WireFormat
    let meter: TrafficMeter
    private let region: SharedRegion
    private let base: UnsafeMutableRawPointer
    /// Number of the last call's last step.
    private var call: UInt32 = 0
    /// Cells written for each rank and read from it.
    var sent: [UInt32]
    var received: [UInt32]
    /// Where each rank's part of a sum lies.
    let parts: UnsafeMutableBufferPointer<UnsafeRawPointer?>

    package var size: Int { layout.size }
    package var traffic: CommunicatorTraffic { meter.traffic }

    /// - Parameter place: Where the group's zeroed memory begins in the region.
    init(
        rank: Int,
        layout: SharedLayout,
        region: SharedRegion,
        place: Int,
        wire: WireFormat,
        interruption: Interruption,
        meter: TrafficMeter,
    ) {
        self.rank = rank
        self.layout = layout
        self.region = region
        self.wire = wire
        self.interruption = interruption
        self.meter = meter
        base = region.base + place
        sent = [UInt32](repeating: 0, count: layout.size)
        received = sent
        parts = .allocate(capacity: layout.size)
        parts.initialize(repeating: nil)
    }

    deinit { parts.deallocate() }

    /// One rank of the first group in a region: all its ranks are made like this, before any calls.
    ///
    /// - Parameters:
    ///   - region: Made for as many ranks, and nothing else is in it.
    ///   - interruption: What ends the calls of this rank.
    package convenience init(
        rank: Int,
        size: Int,
        region: SharedRegion,
        wire: WireFormat,
        interruption: Interruption,
    ) {
        self.init(
            rank: rank,
            layout: SharedLayout(size: size),
            region: region,
            place: region.placeOfFirst,
            wire: wire,
            interruption: interruption,
            meter: TrafficMeter(),
        )
    }

    package func split(color: Int, isCounted: Bool) throws(CommunicatorError) -> any Communicator {
        let group = try SplitGroup(of: self, color: color, isCounted: isCounted)
        let layout = SharedLayout(size: group.members.count)
        let place = try group.agree(self) { () throws(CommunicatorError) in try region.take(layout.byteCount) }
        return SharedMemoryCommunicator(
            rank: group.rank,
            layout: layout,
            region: region,
            place: place,
            wire: wire,
            interruption: group.interruption,
            meter: isCounted ? meter : TrafficMeter(),
        )
    }

    // MARK: - Steps

    /// Begins a step: the slot of the number that it returns is free.
    func begin() throws(CommunicatorError) -> UInt32 {
        for peer in 0..<size where peer != rank { try wait(layout.flag(peer), call) }
        call &+= 1
        return call
    }

    /// Says that what this rank gives to the step is in its slot.
    func publish(_ step: UInt32) { rank_flag_publish(flag(layout.flag(rank)), step) }

    /// Waits until all ranks have given to the step.
    func waitForAll(_ step: UInt32) throws(CommunicatorError) {
        for peer in 0..<size where peer != rank { try wait(layout.flag(peer), step) }
    }

    /// Waits until a flag has come as far.
    func wait(_ place: Int, _ sequence: UInt32) throws(CommunicatorError) {
        let flag = flag(place)
        guard Int32(bitPattern: rank_flag_read(flag) &- sequence) < 0 else { return }
        let start = TrafficMeter.now
        while rank_flag_wait(flag, sequence, 200) == 0 { try interruption.check() }
        meter.count(waiting: TrafficMeter.now - start)
    }

    func flag(_ place: Int) -> UnsafeMutablePointer<RankFlag> { (base + place).assumingMemoryBound(to: RankFlag.self) }

    func slot(_ rank: Int, _ step: UInt32) -> UnsafeMutableRawPointer { base + layout.slot(rank, step) }

    func cell(from: Int, to: Int, _ number: UInt32) -> UnsafeMutableRawPointer {
        base + layout.cell(from: from, to: to, number)
    }
}
