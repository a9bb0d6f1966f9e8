internal import Glibc

/// Memory that the ranks of one host share, for the groups among them.
struct HostMemoryShare: Sendable {
    /// The ranks of this host, as the whole world knows them.
    let ranks: [Int]
    /// `nil` where a rank is alone on its host, or one can't see another's memory.
    let region: SharedRegion?
    let wire: WireFormat

    /// Shares memory among the ranks of each host; all ranks of `world` call it.
    init(_ world: MessageCommunicator, cards: [RankCard]) throws(CommunicatorError) {
        let own = cards[world.rank]
        let ranks = cards.filter { $0.host == own.host }.map(\.rank)
        let offered =
            ranks.count > 1 && ranks.first == own.rank ? try? SharedRegion.descriptor(ranks: ranks.count) : nil
        let offer = offered.map { Descriptor($0) }
        let group = try SplitGroup(of: world, color: ranks[0], isCounted: true)
        let numbers = try group.gather(world, Int(offer?.number ?? -1))
        let leader = cards[ranks[0]]
        let region = Self.map(process: leader.process, number: numbers[leader.rank], ranks: ranks.count)
        // The descriptor stays until all have mapped it, and nobody uses what another couldn't map.
        let isMapped = try group.gather(world, region == nil ? 0 : 1)
        withExtendedLifetime(offer) {}
        self.ranks = ranks
        self.region = ranks.allSatisfy { isMapped[$0] == 1 } ? region : nil
        self.wire = world.wire
    }

    /// The communicator of a group of the world's ranks; all ranks of `world` call it.
    ///
    /// - Returns: `nil` unless all of the group are on this host.
    func communicator(
        of group: SplitGroup,
        in world: MessageCommunicator,
        _ meter: TrafficMeter,
    ) throws(CommunicatorError) -> (any Communicator)? {
        let isHere = region != nil && Set(group.members).isSubset(of: ranks)
        let layout = SharedLayout(size: group.members.count)
        let place = try group.agree(world) { () throws(CommunicatorError) in
            if isHere, let region { try region.take(layout.byteCount) } else { 0 }
        }
        guard isHere, let region else { return nil }
        return SharedMemoryCommunicator(
            rank: group.rank,
            layout: layout,
            region: region,
            place: place,
            wire: wire,
            interruption: group.interruption,
            meter: meter,
        )
    }

    /// Maps what another process of this host has open.
    private static func map(process: Int, number: Int, ranks: Int) -> SharedRegion? {
        guard number >= 0 else { return nil }
        let file = open("/proc/\(process)/fd/\(number)", O_RDWR | O_CLOEXEC)
        guard file >= 0 else { return nil }
        let descriptor = Descriptor(file)
        return withExtendedLifetime(descriptor) { try? SharedRegion(descriptor: file, ranks: ranks) }
    }
}
