internal import CommandSupport
internal import Models
internal import Parallel
internal import Tensors

/// How this process comes to be one of several ranks, or the only one.
struct RankStart: Sendable {
    /// Who this process is, if somebody else has started it as a rank.
    let identity: RankIdentity?
    let settings: RankSettings
    let options: RankWorld.Options
    /// The cores that this process was started with, all of which are dealt to ranks whenever these are started.
    let cores = CoreShares.current
    /// Ranks that a host takes though it has fewer cores, when nobody says how many.
    private static let mostUnasked = 16

    private let arguments: [String]
    private let environment: [String: String]

    /// Reads what the environment says, and compares it with what the settings ask for.
    ///
    /// - Parameter facts: What all ranks must have been started with, one `name=value` each.
    /// - Throws: `StartupError` when there are more or fewer ranks than the settings ask for.
    init(
        _ settings: RankSettings,
        facts: [String],
        arguments: [String],
        environment: [String: String],
    ) throws(StartupError) {
        do {
            try RankProcesses.dieWithParent(environment: environment)
            identity = try RankIdentity(environment: environment)
        } catch {
            throw .invalid("\(error)")
        }
        self.settings = settings
        self.arguments = arguments
        self.environment = environment
        options = RankWorld.Options(
            settings: settings.facts + facts,
            transport: settings.transport,
            wire: settings.wire
        )
        if let identity, identity.size != settings.size {
            throw .invalid(
                "rank \(identity.rank): \(identity.size) ranks were started, but --tp_size \(settings.layout.tensorParallel) x "
                    + "--pp_size \(settings.layout.pipelineParallel) needs \(settings.size)"
            )
        }
        guard identity == nil else { return }
        let most = settings.ranksPerHost ?? max(Self.mostUnasked, HostTopology.current.physicalCores)
        guard settings.size <= most else {
            throw .invalid(
                "--tp_size \(settings.layout.tensorParallel) x --pp_size \(settings.layout.pipelineParallel) needs "
                    + "\(settings.size) processes, but this host takes \(most): --gpus_per_node says how many it takes, and "
                    + "trtllm-llmapi-launch starts them on several hosts"
            )
        }
        if settings.transport == .mpi, settings.size > 1 {
            throw .invalid(
                "--rank_transport mpi needs ranks that MPI has started: mpirun -n \(settings.size) trtllm-llmapi-launch "
                    + "trtllm-serve ..., with the package openmpi-bin"
            )
        }
    }

    /// Whether there is more than one rank.
    var isShared: Bool { settings.size > 1 }
    /// Whether this process only computes.
    var isWorker: Bool { (identity?.rank ?? 0) > 0 }
    /// Whether lost ranks can be started again from here.
    var canRestart: Bool { settings.restarts && identity == nil }

    /// Meets the other ranks and watches them; returns when none of those that were started is left.
    ///
    /// - Parameters:
    ///   - didMeet: Called once, before watching begins.
    ///   - hasWorked: Waits for the end of the calls that this rank makes to others; whether they have ended.
    ///   - whenLost: Called as soon as a rank is lost.
    func meet(
        _ didMeet: (Result<RankWorld, CommunicatorError>) -> Void,
        hasWorked: () -> Bool,
        whenLost: (CommunicatorError) -> Void,
    ) {
        var processes: RankProcesses?
        do throws(CommunicatorError) {
            let (identity, listener) = try door()
            if self.identity == nil {
                processes = try RankProcesses.start(identity, arguments: arguments, environment: environment)
            }
            let started = processes
            let world = try RankWorld(identity, listener: listener, options, hopeless: { started?.firstEnd() })
            didMeet(.success(world))
            let end = world.watch.run(residentMemory: { HostMemory.resident }, explain: { started?.explain($0) })
            switch end {
            case .done where hasWorked(): OpenMPI.finish()
            case .done: whenLost(.failed("rank \(identity.rank) still computes, but all others have ended"))
            case .lost(let error): whenLost(error)
            }
            processes?.end(patience: end == .done ? 10 : 0.5)
        } catch {
            processes?.end(patience: 0.5)
            didMeet(.failure(error))
        }
    }

    /// Who this process is and, on rank 0, where the others come to.
    private func door() throws(CommunicatorError) -> (RankIdentity, StreamListener?) {
        if let identity {
            guard let address = identity.address else {
                return try MPIMeeting.agree(identity, keepsMPI: settings.transport == .mpi)
            }
            return (identity, identity.rank == 0 ? try StreamListener(address.toListen(port: address.port)) : nil)
        }
        let listener = try StreamListener(SocketAddress(host: "127.0.0.1", port: 0))
        let address = SocketAddress(host: "127.0.0.1", port: listener.port)
        let identity = RankIdentity(
            rank: 0,
            size: settings.size,
            address: address,
            secret: RankIdentity.newSecret()
        )
        return (identity, listener)
    }
}
