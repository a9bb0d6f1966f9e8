internal import Foundation
internal import Parallel
internal import Tensors

/// Where the processes of a measurement meet: those that a launcher has started, or this one and those that it starts.
struct RankDoor {
    /// This process's place among them.
    let identity: RankIdentity
    /// Those that this process has started.
    let processes: RankProcesses?
    private let listener: StreamListener?
    private let shares = CoreShares.current

    /// Starts the other ranks where nobody else has; they end with the calling thread.
    ///
    /// - Parameters:
    ///   - ranks: How many there are, unless a launcher has started others.
    ///   - keepsMPI: Whether MPI carries data, too, where it has started them.
    /// - Throws: `CommunicatorError.failed` when they can't be started.
    init(ranks: Int, keepsMPI: Bool) throws(CommunicatorError) {
        let environment = ProcessInfo.processInfo.environment
        try RankProcesses.dieWithParent(environment: environment)
        if let given = try RankIdentity(environment: environment) {
            processes = nil
            guard let address = given.address else {
                (identity, listener) = try MPIMeeting.agree(given, keepsMPI: keepsMPI)
                return
            }
            identity = given
            listener = given.rank == 0 ? try StreamListener(address.toListen(port: address.port)) : nil
        } else {
            let own = try StreamListener(SocketAddress(host: "127.0.0.1", port: 0))
            identity = RankIdentity(
                rank: 0,
                size: ranks,
                address: SocketAddress(host: "127.0.0.1", port: own.port),
                secret: RankIdentity.newSecret()
            )
            processes = try RankProcesses.start(identity, arguments: CommandLine.arguments, environment: environment)
            listener = own
        }
    }

    /// Meets the other ranks, and gives this process its part of the cores.
    ///
    /// - Throws: `CommunicatorError.failed` when they don't come.
    func meet(transport: RankWorld.Transport, wire: WireFormat) throws(CommunicatorError) -> RankWorld {
        let world = try RankWorld(
            identity,
            listener: listener,
            RankWorld.Options(transport: transport, wire: wire, patience: 60),
            hopeless: { [processes] in processes?.firstEnd() }
        )
        if let share = shares.share(of: world.place.rank, count: world.place.count) { _ = CoreShares.bind(to: share) }
        return world
    }
}
