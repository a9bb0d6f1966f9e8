internal import Glibc

/// The ranks of one start, met and connected.
package struct RankWorld: Sendable {
    /// What carries the ranks' data.
    package enum Transport: String, Sendable, Hashable, CaseIterable {
        /// Shared memory where all ranks are on one host, else TCP.
        case auto
        /// TCP, on one host too.
        case tcp
        /// Open MPI, for the networks that it knows.
        case mpi
    }

    /// How a world is made; the same on all ranks.
    package struct Options: Sendable {
        /// What the ranks' programs and settings must have in common, one `name=value` each.
        package var settings: [String]
        package var transport: Transport
        package var wire: WireFormat
        /// Seconds that ranks wait for each other.
        package var patience: Double

        /// Options with the usual transport.
        package init(
            settings: [String] = [],
            transport: Transport = .auto,
            wire: WireFormat = .float32,
            patience: Double = 300,
        ) {
            self.settings = settings
            self.transport = transport
            self.wire = wire
            self.patience = patience
        }
    }

    /// The communicator of all ranks.
    package let communicator: any Communicator
    /// What notices that a rank is lost; somebody has to run it.
    package let watch: RankWatch
    /// How many ranks each host has, and what carries their data, for the log.
    package let summary: String
    /// This process's place among the ranks of its host, and how many those are.
    package let place: (rank: Int, count: Int)
    /// Equal on ranks of one host.
    package let hostKey: String

    /// Meets the other ranks; all of them call it.
    ///
    /// - Parameters:
    ///   - listener: Where rank 0 waits; the others have the address.
    ///   - hopeless: Says why no other rank can come any more, if so.
    /// - Throws: `CommunicatorError.failed` when they don't come or don't fit each other.
    package init(
        _ identity: RankIdentity,
        listener: StreamListener?,
        _ options: Options,
        hopeless: @escaping () -> String? = { nil },
    ) throws(CommunicatorError) {
        guard let address = identity.address else { throw .failed("rank \(identity.rank) has no address of rank 0") }
        try identity.checkSecret()
        let secret = RankSecret(identity.secret)
        let deadline = Deadline(seconds: options.patience)
        let doorListener = try StreamListener(address.toListen(port: 0))
        let card = RankCard(
            rank: identity.rank,
            size: identity.size,
            settings: options.settings.joined(separator: "\n"),
            host: HostIdentity.key,
            hostName: HostIdentity.name,
            process: Int(getpid()),
            address: SocketAddress(host: address.host, port: doorListener.port)
        )
        let rendezvous = Rendezvous(card: card, secret: secret, deadline: deadline, hopeless: hopeless)
        let meeting: Rendezvous.Meeting
        if identity.rank == 0 {
            let own: StreamListener
            if let listener { own = listener } else { own = try StreamListener(address) }
            meeting = try rendezvous.wait(at: own)
        } else {
            meeting = try rendezvous.join(at: address)
        }
        let interruption = Interruption()
        let door = MeshDoor(listener: doorListener, secret: secret)
        let (communicator, name) = try Self.communicator(meeting, identity, door, options, interruption)
        self.communicator = communicator
        watch = RankWatch(rank: identity.rank, links: meeting.links, interruption: interruption)
        let hosts = meeting.cards.map(\.host)
        let own = meeting.cards.filter { $0.host == hosts[identity.rank] }.map(\.rank)
        place = (own.firstIndex(of: identity.rank) ?? 0, own.count)
        hostKey = hosts[identity.rank]
        let hostCount = Set(hosts).count
        summary = "\(identity.size) ranks on \(hostCount == 1 ? "one host" : "\(hostCount) hosts"), data by \(name)"
    }

    private static func communicator(
        _ meeting: Rendezvous.Meeting,
        _ identity: RankIdentity,
        _ door: MeshDoor,
        _ options: Options,
        _ interruption: Interruption,
    ) throws(CommunicatorError) -> (any Communicator, name: String) {
        if options.transport == .mpi {
            let transport = try MPITransport(identity, interruption: interruption)
            return (MessageCommunicator(transport, wire: options.wire, interruption: interruption), "Open MPI")
        }
        let transport = try SocketTransport(
            rank: identity.rank,
            cards: meeting.cards,
            group: "world",
            door: door,
            interruption: interruption
        )
        let world = MessageCommunicator(transport, wire: options.wire, interruption: interruption)
        guard options.transport == .auto else { return (world, "TCP") }
        let share = try HostMemoryShare(world, cards: meeting.cards)
        if share.ranks.count == identity.size {
            guard let region = share.region else { return (world, "TCP") }
            let shared = SharedMemoryCommunicator(
                rank: identity.rank,
                size: identity.size,
                region: region,
                wire: options.wire,
                interruption: interruption
            )
            return (shared, "shared memory")
        }
        let mixed = MessageCommunicator(
            transport,
            wire: options.wire,
            interruption: interruption,
            shareMemory: share
        )
        return (mixed, "TCP, and shared memory within hosts")
    }
}
