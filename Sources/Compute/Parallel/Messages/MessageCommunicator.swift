/// Ranks that send each other messages: processes of several hosts.
final class MessageCommunicator: Communicator, @unchecked Sendable {  // one thread at a time calls
    let interruption: Interruption
    let transport: any MessageTransport
    let wire: WireFormat
    let meter: TrafficMeter
    /// Makes the communicator of a group that shares memory, when the group's ranks do.
    private let shareMemory: HostMemoryShare?
    /// What comes from each rank before it is added, grown to the largest so far.
    private var staging = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    /// Where each rank's part of a sum lies.
    let parts: UnsafeMutableBufferPointer<UnsafeRawPointer?>

    var rank: Int { transport.rank }
    var size: Int { transport.size }
    var traffic: CommunicatorTraffic { meter.traffic }

    init(
        _ transport: any MessageTransport,
        wire: WireFormat,
        interruption: Interruption,
        meter: TrafficMeter = TrafficMeter(),
        shareMemory: HostMemoryShare? = nil,
    ) {
        self.transport = transport
        self.wire = wire
        self.interruption = interruption
        self.meter = meter
        self.shareMemory = shareMemory
        parts = .allocate(capacity: transport.size)
        parts.initialize(repeating: nil)
    }

    deinit {
        staging.deallocate()
        parts.deallocate()
    }

    func split(color: Int, isCounted: Bool) throws(CommunicatorError) -> any Communicator {
        let group = try SplitGroup(of: self, color: color, isCounted: isCounted)
        // All ranks take part in both, whatever their own group needs.
        let meter = isCounted ? meter : TrafficMeter()
        let shared = try shareMemory?.communicator(of: group, in: self, meter)
        let transport = try transport.split(group)
        return shared ?? MessageCommunicator(transport, wire: wire, interruption: group.interruption, meter: meter)
    }

    /// Room for `count` parts of `bytes` each; valid until the next call.
    func staged(_ count: Int, bytes: Int) -> UnsafeMutableRawPointer? {
        if staging.count < count * bytes {
            staging.deallocate()
            staging = .allocate(byteCount: count * bytes, alignment: 64)
        }
        return staging.baseAddress
    }

    /// Carries what isn't empty.
    func carry(_ transfers: [Transfer]) throws(CommunicatorError) {
        meter.count(waiting: try transport.exchange(transfers.filter { !$0.isEmpty }))
    }

    /// The other ranks, those behind this one first, so that not all send to the same.
    var others: [Int] { (1..<max(size, 1)).map { (rank + $0) % size } }
}
