internal import CommandSupport
internal import Engine
internal import Logging
internal import Parallel
internal import Server
internal import Synchronization
internal import Tensors

/// This process among those that compute the model together: met, on cores of its own, and watched.
///
/// A thread starts the other ranks where this process is to, watches them, and ends them; it lives as long as they do.
final class RankMembership: Sendable {
    let world: RankWorld
    /// The rank that is lost, and why: one element, if that happens.
    let losses: AsyncStream<CommunicatorError>
    /// Whether this process has cores that no other rank has.
    let ownsCores: Bool
    /// Signalled when this process makes no calls to other ranks any more: only then may MPI be ended.
    private let hasWorked: SystemSemaphore
    private let hasEnded: SystemSemaphore
    /// Seconds that a rank may still work when all others have ended.
    static let patience = 5

    /// This process's place.
    var rank: Int { world.communicator.rank }

    private init(
        _ world: RankWorld,
        losses: AsyncStream<CommunicatorError>,
        ownsCores: Bool,
        hasWorked: SystemSemaphore,
        hasEnded: SystemSemaphore,
    ) {
        self.world = world
        self.losses = losses
        self.ownsCores = ownsCores
        self.hasWorked = hasWorked
        self.hasEnded = hasEnded
    }

    /// Meets the other ranks, having started them where nobody else does.
    ///
    /// - Parameter whenLost: Called on the watching thread as soon as a rank is lost.
    /// - Throws: `CommunicatorError` when the ranks can't be started, don't come or don't fit each other.
    static func join(
        _ start: RankStart,
        _ logger: Logger,
        whenLost: @escaping @Sendable (CommunicatorError) -> Void = { _ in },
    ) throws -> RankMembership {
        // Ranks that are started again have all cores to share, not those alone that this one had before.
        if start.cores != .current { _ = CoreShares.bind(to: start.cores.cores.flatMap(\.threads)) }
        let met = Mutex<Result<RankWorld, CommunicatorError>?>(nil)
        let (hasMet, hasWorked, hasEnded) = (SystemSemaphore(), SystemSemaphore(), SystemSemaphore())
        let (losses, continuation) = AsyncStream.makeStream(of: CommunicatorError.self)
        let code = SystemThread.start(name: "ranks") {
            start.meet { result in
                met.withLock { $0 = result }
                hasMet.signal()
            } hasWorked: {
                hasWorked.wait(seconds: patience)
            } whenLost: { error in
                whenLost(error)
                continuation.yield(error)
            }
            continuation.finish()
            hasEnded.signal()
        }
        guard code == 0 else { throw StartupError.invalid("the system gives no thread to watch ranks with") }
        hasMet.wait()
        guard let world = try met.withLock({ $0 })?.get() else { throw StartupError.invalid("the ranks haven't met") }
        logger.info(
            "rank \(world.communicator.rank) of \(world.communicator.size) has met the others: \(world.summary)"
        )
        return RankMembership(
            world,
            losses: losses,
            ownsCores: bind(world, start.cores, logger),
            hasWorked: hasWorked,
            hasEnded: hasEnded
        )
    }

    /// Says that this rank's work is done, which rank 0 tells the others, and waits until the ranks have ended and those that
    /// this process has started are gone.
    func finish() {
        hasWorked.signal()
        world.watch.finish()
        waitUntilEnded()
    }

    /// Waits until the ranks have ended and those that this process has started are gone.
    func waitUntilEnded() { hasEnded.wait() }

    /// What the ranks take and exchange.
    var figures: RankFigures {
        let traffic = world.communicator.traffic
        return RankFigures(
            memoryBytes: world.watch.memory,
            calls: traffic.calls,
            bytesSent: traffic.bytesSent,
            seconds: Double(traffic.nanoseconds) / 1e9
        )
    }

    /// Resident bytes of each rank's process, as it said last.
    var memory: [Int] {
        let known = world.watch.memory
        return (0..<world.communicator.size).map { known[$0] ?? 0 }
    }

    /// Ends all ranks because this one can't go on.
    func fail(_ reason: String) {
        world.watch.fail(reason)
        waitUntilEnded()
    }

    /// The threads that this process should compute with.
    var topology: HostTopology {
        HostTopology.current.shared(by: world.place.count, ownsCores: ownsCores)
    }

    /// Compares what each rank has opened.
    ///
    /// - Throws: `CommunicatorError.failed` on all ranks, naming the first that has something else.
    func agree(on facts: [String]) throws(CommunicatorError) { try RankAgreement.check(world.communicator, facts) }

    /// The smallest of a number that each rank has; all ranks call it.
    func smallest(_ number: Int) throws(CommunicatorError) -> Int {
        try RankAgreement.texts(world.communicator, "\(number)").compactMap { Int($0) }.min() ?? number
    }

    /// Gives this process its part of its host's cores, unless the launcher has given it cores already.
    private static func bind(_ world: RankWorld, _ cores: CoreShares, _ logger: Logger) -> Bool {
        let mine = cores.cores.flatMap(\.threads).sorted()
        do {
            let all = try RankAgreement.texts(world.communicator, "\(world.hostKey) \(mine)")
            guard all.filter({ $0 == all[world.communicator.rank] }).count == world.place.count else {
                logger.info("rank \(world.communicator.rank) runs on the cores \(mine) that its launcher gave it")
                return true
            }
        } catch {
            return false
        }
        guard let share = cores.share(of: world.place.rank, count: world.place.count), CoreShares.bind(to: share) else {
            logger.warning(
                "\(world.place.count) ranks share \(cores.cores.count) cores of this host, and wait for each other"
            )
            return false
        }
        let node = cores.cores.first { $0.threads.contains(share[0]) }?.node ?? 0
        logger.info("rank \(world.communicator.rank) runs on the cores \(share) of memory node \(node)")
        return true
    }
}
